/* forkserver.c
 * A tshark that starts once and answers many command lines
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Preloaded into tshark, which is otherwise the installed one. Its main() comes
 * by itself to the point where it reads its command line; there, protocols are
 * registered, which is most of a start and the same for every command line.
 * Then each request on stdin is answered by a fork, in which main() goes on
 * with the request's command line: preferences, captures, output, and the
 * clean-up at the end are its own.
 *
 * A request is texts that each end in a NUL: the number of arguments, the file
 * for stdout, the file for stderr, then the arguments. Its answer is a line
 * with the fork's wait status. Requests are answered one after the other; the
 * server ends with its stdin.
 *
 * What tshark reads of its command line before it registers protocols is too
 * late here: forkserver.py knows those options.
 */

#include "dissector/compat.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <epan/epan.h>
#include <wiretap/wtap.h>
#include <wsutil/ws_getopt.h>

/* tshark's epan_init(), wtap_init() and ws_getopt_long() are those of this
 * file, for it was loaded first; Wireshark's own are the next ones. */
#define NEXT(function) ((__typeof__(&(function)))next(#function))

static char **arguments; /* of the request that is answered, a NULL at the end */
static int argument_count;
static bool is_registered;

static void
fail(const char *what)
{
    perror(what);
    _exit(1);
}

static void *
next(const char *function)
{
    void *found = dlsym(RTLD_NEXT, function);

    if (!found) {
        fail(function);
    }
    return found;
}

/* Owned by the caller; NULL at the end of the requests. */
static char *
read_text(FILE *requests)
{
    char *text = NULL;
    size_t size = 0;

    if (getdelim(&text, &size, '\0', requests) < 0) {
        free(text);
        return NULL;
    }
    return text;
}

static void
redirect(const char *path, int mode, int descriptor)
{
    int file = open(path, mode, 0644);

    if (file < 0 || dup2(file, descriptor) < 0) {
        fail(path);
    }
    close(file);
}

/* Nothing is freed: a request lives as long as the fork that answers it, and
 * the server as long as one file of tests. */
static void
read_arguments(FILE *requests, const char *count)
{
    argument_count = (int)strtol(count, NULL, 10) + 1;
    arguments = g_new0(char *, argument_count + 1);
    arguments[0] = g_strdup("tshark");
    for (int i = 1; i < argument_count; i++) {
        arguments[i] = read_text(requests);
    }
}

/* Returns in a fork, and only there. */
static void
serve(void)
{
    FILE *requests = fdopen(dup(STDIN_FILENO), "r");
    char *count;

    while ((count = read_text(requests))) {
        char *out = read_text(requests), *err = read_text(requests);
        int status;
        pid_t child;

        read_arguments(requests, count);
        child = fork();
        if (child < 0) {
            fail("fork");
        }
        if (child == 0) {
            redirect("/dev/null", O_RDONLY, STDIN_FILENO);
            redirect(out, O_WRONLY | O_CREAT | O_TRUNC, STDOUT_FILENO);
            redirect(err, O_WRONLY | O_CREAT | O_TRUNC, STDERR_FILENO);
            return;
        }
        if (waitpid(child, &status, 0) < 0) {
            fail("waitpid");
        }
        printf("%d\n", status);
        fflush(stdout);
    }
    _exit(0);
}

int
ws_getopt_long(int argc G_GNUC_UNUSED, char *const *argv G_GNUC_UNUSED, const char *letters,
               const struct ws_option *options, int *option)
{
    if (!is_registered) {
        wtap_init(true);
        if (!epan_init(NULL, NULL, true)) {
            fail("epan_init");
        }
        is_registered = true;
        serve();
    }
    return NEXT(ws_getopt_long)(argument_count, arguments, letters, options, option);
}

/* main() comes to these after its command line. */
void
wtap_init(crm_bool_t with_plugins)
{
    if (!is_registered) {
        NEXT(wtap_init)(with_plugins);
    }
}

crm_bool_t
epan_init(register_cb callback, void *data, crm_bool_t with_plugins)
{
    return is_registered || NEXT(epan_init)(callback, data, with_plugins);
}

/* What the server registered ends with it: to free all of it again in each
 * fork takes as long as the rest of one. What a capture left is freed before. */
void
epan_cleanup(void)
{
}
