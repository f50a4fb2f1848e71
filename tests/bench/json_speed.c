/* json_speed.c
 * How fast three readers read the same JSON, in one process, side by side
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 *     json-speed ROUNDS FILE...
 *
 * Each file holds one document. In each of ROUNDS rounds all readers read all
 * documents in turn, and the median of the rounds counts. Written to stdout as
 * tab-separated lines: reader, file, nanoseconds for one reading of the
 * document, bytes of the document, our reader's tokens, whether the reader took
 * it.
 *
 * A document that a reader refuses is measured all the same: a dissector pays
 * for the broken datagram too.
 */

#include "message/json.h"

#include <glib.h>
#include <json-glib/json-glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <wsutil/wsjson.h>

/* A round goes on for this long, so that the clock's grain does not show. */
#define ROUND_NS INT64_C(5000000)

/* As many tokens as a datagram can need; json_parse() wants them beforehand. */
#define MAX_TOKENS 70000

typedef struct {
    const char *path;
    char *text; /* NUL-terminated, for json_parse() has no length */
    gsize length;
    double *times; /* of all readers' rounds, in nanoseconds */
} document_t;

typedef struct {
    const document_t *document;
    crm_json_t reader;
    jsmntok_t *tokens;
    JsonParser *parser;
} subject_t;

typedef bool (*read_t)(subject_t *subject);

static bool
read_ours(subject_t *subject)
{
    return crm_json_read(&subject->reader, (const uint8_t *)subject->document->text,
                         (uint32_t)subject->document->length);
}

static bool
read_ours_and_mark(subject_t *subject)
{
    const bool ok = read_ours(subject);

    crm_json_mark_repeated_keys(&subject->reader);
    return ok;
}

static bool
read_wsutil(subject_t *subject)
{
    return json_parse(subject->document->text, subject->tokens, MAX_TOKENS) > 0;
}

static bool
read_json_glib(subject_t *subject)
{
    return json_parser_load_from_data(subject->parser, subject->document->text,
                                      (gssize)subject->document->length, NULL);
}

static const struct {
    const char *name;
    read_t read;
} readers[] = {
    {"json", read_ours},
    {"json, repeated keys", read_ours_and_mark},
    {"json_parse", read_wsutil},
    {"json-glib", read_json_glib},
};

static int64_t
cpu_time_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* The mean of one round, in nanoseconds. The clock is asked after each doubling
 * only, since asking costs as much as a small document. */
static double
one_round(read_t read, subject_t *subject)
{
    const int64_t start = cpu_time_ns();
    int64_t spent = 0, done = 0;

    for (int64_t batch = 1; spent < ROUND_NS; batch *= 2) {
        for (int64_t i = 0; i < batch; i++) {
            read(subject);
        }
        done += batch;
        spent = cpu_time_ns() - start;
    }
    return (double)spent / (double)done;
}

static int
compare_doubles(const void *left, const void *right)
{
    const double a = *(const double *)left, b = *(const double *)right;

    return (a > b) - (a < b);
}

/* Round by round, so that what else the machine does hits all alike. */
static void
measure(subject_t *subject, const document_t *documents, size_t count, size_t rounds)
{
    for (size_t round = 0; round < rounds; round++) {
        for (size_t d = 0; d < count; d++) {
            subject->document = &documents[d];
            for (size_t r = 0; r < G_N_ELEMENTS(readers); r++) {
                documents[d].times[r * rounds + round] = one_round(readers[r].read, subject);
            }
        }
    }
}

static void
report(subject_t *subject, const document_t *document, size_t rounds)
{
    subject->document = document;
    for (size_t r = 0; r < G_N_ELEMENTS(readers); r++) {
        double *times = document->times + r * rounds;
        qsort(times, rounds, sizeof *times, compare_doubles);
        const bool taken = readers[r].read(subject);
        printf("%s\t%s\t%.1f\t%" G_GSIZE_FORMAT "\t%u\t%d\n", readers[r].name, document->path,
               times[rounds / 2], document->length, subject->reader.count, taken);
    }
}

static bool
load(document_t *document, const char *path, size_t rounds)
{
    g_autoptr(GError) error = NULL;

    if (!g_file_get_contents(path, &document->text, &document->length, &error)) {
        fprintf(stderr, "json-speed: %s\n", error->message);
        return false;
    }
    document->path = path;
    document->times = g_new(double, G_N_ELEMENTS(readers) * rounds);
    return true;
}

static void
measure_files(document_t *documents, size_t count, size_t rounds)
{
    subject_t subject = {.tokens = g_new(jsmntok_t, MAX_TOKENS), .parser = json_parser_new()};

    crm_json_init(&subject.reader);
    measure(&subject, documents, count, rounds);
    for (size_t d = 0; d < count; d++) {
        report(&subject, &documents[d], rounds);
        g_free(documents[d].text);
        g_free(documents[d].times);
    }
    crm_json_clear(&subject.reader);
    g_free(subject.tokens);
    g_object_unref(subject.parser);
}

int
main(int argc, char **argv)
{
    const long rounds = argc > 2 ? strtol(argv[1], NULL, 10) : 0;

    if (rounds < 1) {
        fprintf(stderr, "usage: json-speed ROUNDS FILE...\n");
        return 2;
    }
    const size_t count = (size_t)argc - 2;
    g_autofree document_t *documents = g_new0(document_t, count);
    for (size_t d = 0; d < count; d++) {
        if (!load(&documents[d], argv[d + 2], (size_t)rounds)) {
            return 1;
        }
    }
    measure_files(documents, count, (size_t)rounds);
    return 0;
}
