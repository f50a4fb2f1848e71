# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Sourced by every script here: where the source tree and the cache are, how a script speaks, how a
# preset is built, and how a command runs without privileges.

set -euo pipefail
umask 022
# Where sh is bash, `sh script/demo` is bash in POSIX mode, which lacks what these scripts use. (Where it is another
# shell, the first line of each script calls bash.)
set +o posix

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
# A script may be called by a symbolic link.
self=$(readlink -f -- "$0")
me=${self#"$root"/}

say() {
    printf '%s: %s\n' "$me" "$*"
}

die() {
    printf '%s: %s\n' "$me" "$*" >&2
    exit 1
}

have() {
    command -v "$1" >/dev/null 2>&1
}

# Puts the lines of a text into the array of that name. Not `mapfile < <(…)`: bash needs /proc for that, and a
# chroot may lack it.
# shellcheck disable=SC2034 # a reference: the caller reads it
lines_into() {
    local -n array_=$1
    array_=()
    [[ -z $2 ]] || mapfile -t array_ <<<"$2"
}

# Prints the comment at the head of the calling script: its documentation.
usage() {
    sed -n '/^# SPDX/d; /^#!/d; /^#/!q; s/^# \{0,1\}//p' "$self"
}

# For a script that takes no arguments: --help prints its documentation, and all else is refused.
no_arguments() {
    (($#)) || return 0
    [[ $1 != -h && $1 != --help ]] || { usage && exit; }
    die "it takes no arguments, and not $1 (see --help)"
}

# Lets a Python program judge its arguments before anything is installed or built for it: where it refuses them or
# prints its help, the script ends. Where there is no Python yet, --help prints the script's own documentation.
judge_arguments() {
    local interpreter=$1 program=$2 said
    shift 2
    if ! have "$interpreter"; then
        [[ " $* " != *" --help "* && " $* " != *" -h "* ]] || { usage && exit; }
        return 0
    fi
    said=$("$interpreter" -B "$program" --only-parse "$@") || exit
    [[ -z $said ]] || { printf '%s\n' "$said" && exit; }
}

# Where chroots and downloads are kept between runs. A directory in /var/tmp that somebody else made
# is not trusted.
cache_dir() {
    local dir=${WIRESHARK_CRM_CACHE:-${XDG_CACHE_HOME:-/var/tmp}/wireshark-crm-$(id -u)}
    mkdir -p -- "$dir"
    [[ -O $dir ]] || die "$dir belongs to another user; set WIRESHARK_CRM_CACHE to a directory of yours"
    printf '%s\n' "$dir"
}

# Debian's pytest and jsonpickle belong to Debian's python3; one that stands earlier in PATH has neither.
python=python3
[[ -x /usr/bin/python3 ]] && python=/usr/bin/python3
export python

# Whether the source tree is a clone, and not a directory of somebody else's, as of Wireshark's.
is_clone() {
    [[ $(git -c safe.directory="$root" -C "$root" rev-parse --show-toplevel 2>/dev/null) == "$root" ]]
}

# The files of the source tree as they are now, committed or not; nothing that git ignores.
# Each name is relative to the tree and ends with a NUL.
source_files() {
    cd -- "$root"
    if is_clone; then
        git -c safe.directory="$root" ls-files -z --cached --others --exclude-standard |
            while IFS= read -r -d '' file; do
                [[ ! -e $file && ! -L $file ]] || printf '%s\0' "$file"
            done
    else
        find . -path ./build -prune -o \( -type f -o -type l \) -not -path '*/__pycache__/*' -printf '%P\0'
    fi
}

# When the source was made, in seconds: the date in a package, so that building it twice gives the same.
source_date() {
    { is_clone && git -c safe.directory="$root" -C "$root" log -1 --format=%ct 2>/dev/null; } || stat -c %Y "$root/CHANGELOG.md"
}

# Runs a command as a user with no rights where this is root: to root, Wireshark denies every plugin
# directory but the system's.
unprivileged() {
    if ((EUID == 0)); then
        setpriv --reuid=65534 --regid=65534 --clear-groups -- "$@"
    else
        "$@"
    fi
}

# Runs a command with its output in a file, which is shown where the command fails.
quietly() {
    local log=$1 status=0
    shift
    "$@" >"$log" 2>&1 || status=$?
    ((status == 0)) || cat -- "$log" >&2
    return "$status"
}

# Fails where this user cannot work in a build directory, as after a run as root, or in a clone that is read-only. Nobody's
# work is in there. (The two lists that `sudo cmake --install` leaves are not in the way.)
check_ours() {
    local dir=$1 foreign=""
    [[ -w $root || -w $root/build ]] ||
        die "$root cannot be written by this user, and this builds in it. To build elsewhere, copy it, or clone it anew"
    mkdir -p -- "$dir" 2>/dev/null || true
    [[ -w $root/build ]] || foreign=$root/build
    [[ -n $foreign || ! -d $dir ]] ||
        foreign=$(find "$dir" ! -writable ! -name 'install*.txt' -print -quit 2>/dev/null) || true
    [[ -z $foreign && -d $dir ]] ||
        die "${foreign:-$dir} cannot be written by this user: a run as root may have left it. To start afresh:
  sudo rm -r '$root/build'"
}

# What a build directory's cached answers depend on.
build_identity() {
    printf '%s\n' "$root" "$(pkg-config --modversion wireshark 2>/dev/null)" "$(cmake --version | sed -n 1p)"
}

# Configures and builds a preset; its logs stand in build/PRESET. Starts afresh where the tree was
# moved or Wireshark was upgraded since.
build() {
    local preset=$1 dir=$root/build/$1 identity fresh=()
    check_ours "$dir"
    identity=$(build_identity)
    [[ -e $dir/identity && $(<"$dir/identity") == "$identity" ]] || fresh=(--fresh)
    say "building preset $preset in build/$preset"
    (
        # A chain, for set -e is off before "||".
        cd -- "$root" &&
            quietly "$dir/configure.log" cmake "${fresh[@]}" --preset "$preset" &&
            printf '%s\n' "$identity" >"$dir/identity" &&
            quietly "$dir/build.log" cmake --build --preset "$preset"
    ) || die "preset $preset does not build; the reason stands above"
}
