# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Sourced by script/tshark and script/wireshark: runs one of the two with the plugin and the profile of this tree,
# from a home directory of its own, as a user who is not root. Needs common.sh.
#
# To root, Wireshark denies every plugin directory but the system's, without a word. So where this is root, the
# program runs as the user who called sudo, or else as user 65534; what that user may not read is copied first.
#
# shellcheck disable=SC2154 # root is common.sh's

user=${SUDO_UID:-65534}
group=${SUDO_GID:-65534}
((user && group)) || user=65534 group=65534

# The plugin that CRM_PLUGIN names, or the newest that was built here.
find_plugin() {
    local plugin=${CRM_PLUGIN:-}
    [[ -n $plugin ]] || plugin=$(find "$root"/build/{release,developer} -name crm.so -printf '%T@ %p\n' 2>/dev/null |
        sort -rn | sed -n '1s/^[^ ]* //p')
    [[ -z $plugin || -r $plugin ]] || die "there is no $plugin, or it cannot be read"
    printf '%s\n' "$plugin"
}

# Says where sources are newer than the plugin that was built here, as after `git pull`: what runs is the old one.
tell_of_old() {
    local newer
    [[ -z ${CRM_PLUGIN:-} ]] || return 0
    newer=$(find "$root/plugin" -name '*.[ch]' -newer "$1" -print -quit)
    [[ -z $newer ]] ||
        printf '%s: this plugin was built before %s was changed; script/demo builds it anew\n' "$me" "${newer#"$root"/}" >&2
}

# The X.Y in the name of the directory that this program looks for plugins in.
release_of() {
    "$1" --version 2>/dev/null | sed -n -E '1s/^[^0-9]*([0-9]+\.[0-9]+)\..*/\1/p'
}

# Puts the plugins that came with Wireshark into a directory: one that WIRESHARK_PLUGIN_DIR names takes the place of
# theirs, and with it Packet Lengths, PROFINET and others would be gone. Not an installed one of ours.
link_plugins() {
    local theirs
    # Without Wireshark's development files nobody says where they are; those of another release are not this program's.
    theirs=$(pkg-config --variable=plugindir wireshark 2>/dev/null) || return 0
    [[ ${theirs##*/} == "${1##*/}" && -d $theirs ]] || return 0
    cp -rs -- "$theirs/." "$1/"
    rm -f -- "$1/epan/crm.so"
}

# Lays plugin and profile into a new directory, home, which is gone when the script ends.
make_home() {
    local plugins profiles
    home=$(mktemp -d)
    trap 'rm -rf -- "$home"' EXIT
    chmod 755 -- "$home"
    # A TMPDIR of root's own, as pam_tmpdir makes it, is closed to the program's user, and with it the plugin.
    if ((EUID == 0)) && ! setpriv --reuid="$user" --regid="$group" --clear-groups -- test -x "$home"; then
        rmdir -- "$home"
        export TMPDIR=/tmp
        home=$(mktemp -d)
        chmod 755 -- "$home"
    fi
    plugins=$home/plugins/$(release_of "$1")/epan
    profiles=$home/home/.config/wireshark/profiles
    mkdir -p -- "$plugins" "$profiles" "$home/extcap"
    mkdir -m 700 -- "$home/run"
    link_plugins "${plugins%/epan}"
    cp -- "$2" "$plugins/crm.so"
    cp -r -- "$root/profile/CRM" "$profiles/"
    chmod -R u+rwX,go+rX -- "$home/plugins" "$home/home" "$home/extcap"
    ((EUID != 0)) || chown -R "$user:$group" -- "$home"
}

# A plugin of preset sanitize needs its runtime library before everything else. Leaks are not looked for:
# tshark frees little when it ends. What is freed is overwritten, for Wireshark itself is not checked when it reads it.
sanitizer_settings() {
    if grep -q -a -m1 -F libasan.so "$1"; then
        printf '%s\n' "LD_PRELOAD=$(cc -print-file-name=libasan.so)" ASAN_OPTIONS=detect_leaks=0:max_free_fill_size=65536 \
            UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
    fi
}

# Sets drop: what a command line begins with so that it runs without root's rights. With capture=must or =may it
# keeps the two rights that capturing takes, if this root has them, and dumpcap's group where only that may run it.
drop_rights() {
    local capture=$1 caps=+net_raw,+net_admin dumpcap groups=--clear-groups
    drop=()
    ((EUID == 0)) || return 0
    dumpcap=$(command -v dumpcap) || dumpcap=""
    [[ -z $capture || -z $dumpcap || $(stat -Lc %A "$dumpcap") == *[xt] ]] || groups=--groups=$(stat -Lc %g "$dumpcap")
    drop=(setpriv --reuid="$user" --regid="$group" "$groups")
    if [[ -n $capture ]]; then
        if "${drop[@]}" --inh-caps="$caps" --ambient-caps="$caps" -- true 2>/dev/null; then
            drop+=(--inh-caps="$caps" --ambient-caps="$caps")
        elif [[ $capture == must ]]; then
            die "this root, as in a container, has not got the rights to capture (CAP_NET_RAW, CAP_NET_ADMIN). Capture
elsewhere, and read the file with -r"
        fi
    fi
    drop+=(--)
}

# The file itself, or a copy of it that the program's user can read.
readable() {
    local file=$1 copies
    if ((EUID != 0)) || [[ ! -f $file ]] || "${drop[@]}" test -r "$file"; then
        printf '%s\n' "$file"
        return
    fi
    copies=$(mktemp -d -p "$home")
    cp -- "$file" "$copies/"
    chmod -R a+rX -- "$copies"
    printf '%s\n' "$copies/$(basename "$file")"
}

# Refuses a file that root could write and the program's user cannot, before a capture is lost to it.
check_writable() {
    local file=$1 place=$1
    [[ -e $file ]] || place=$(dirname -- "$file")
    ((EUID != 0)) || [[ $file == - ]] || "${drop[@]}" test -w "$place" ||
        die "$file: user $user, as whom it runs here, may not write there (to root, Wireshark denies the plugin).
Name a place that this user may write to, as /tmp, or let your shell write: -w - >$file"
}

# tshark's and Wireshark's options of one letter that take no value: several may stand in one word, as -nr FILE.
flags='2DghIklLnpPqQvVx'

# Prints which rights to capture the arguments ask for: none where a file or a pipe is read or a report ends at once,
# "may" where interfaces are listed, and else "must".
rights_for() {
    local argument rights=must
    [[ " $* " != *" -i - "* && " $* " != *" -z help "* ]] || return 0
    for argument in "$@"; do
        [[ ! $argument =~ ^(-[$flags]*[rGvh]|--(read-file|version$|help$)) ]] || return 0
        [[ ! $argument =~ ^(-[$flags]*[DL]|--list-) ]] || rights=may
    done
    printf '%s\n' "$rights"
}

# Sets args: the arguments, where -r names a file that the program's user can read. Checks what -w names.
take_arguments() {
    local option file
    args=()
    while (($#)); do
        if [[ $1 =~ ^(-[$flags]*[rw]|--read-file=)(.+)$ ]]; then
            option=${BASH_REMATCH[1]} file=${BASH_REMATCH[2]}
        elif [[ $1 =~ ^(-[$flags]*[rw]|--read-file)$ && $# -gt 1 ]]; then
            option=$1 file=$2
            shift
        else
            args+=("$1")
            shift
            continue
        fi
        [[ $option != --* ]] || option=-r # which tshark 4.0 does not know by its long name
        if [[ $option == *w ]]; then check_writable "$file"; else file=$(readable "$file"); fi
        args+=("$option" "$file")
        shift
    done
}

# Runs the program: PROGRAM PLUGIN [NAME=VALUE …] -- ARGUMENT …
run() {
    local program=$1 plugin=$2 settings=() sanitizer=() args=()
    shift 2
    while [[ $1 != -- ]]; do settings+=("$1") && shift; done
    shift
    lines_into sanitizer "$(sanitizer_settings "$plugin")"
    take_arguments "$@"
    with_signals "${drop[@]}" env --default-signal=INT,QUIT -u WIRESHARK_CONFIG_DIR -u XDG_CONFIG_HOME -u XDG_DATA_HOME \
        HOME="$home/home" WIRESHARK_PLUGIN_DIR="$home/plugins" WIRESHARK_EXTCAP_DIR="$home/extcap" \
        "${settings[@]}" "${sanitizer[@]}" "$program" "${args[@]}"
}

# Runs a command that ends when this script is told to, as by `kill $!` in a CI job: bash alone would end, and leave it
# running. Ctrl+C reaches both, and this waits for what the command makes of it; bash lets what runs in the background
# ignore that, and env undoes it.
with_signals() {
    local child status
    "$@" <&0 &
    child=$!
    trap 'kill -TERM "$child" 2>/dev/null || true' TERM HUP
    trap : INT QUIT
    while :; do
        status=0
        wait "$child" || status=$?
        # A signal ends the waiting, and not always the command.
        kill -0 "$child" 2>/dev/null || return "$status"
    done
}
