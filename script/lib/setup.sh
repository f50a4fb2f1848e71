# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Sourced: finds which tools a job needs and installs those that are missing, as Debian packages.
# `setup GROUP …` is the one entry; packages_of is the one list. Needs common.sh.
#
# shellcheck disable=SC2154 # root, me and python are common.sh's

# shellcheck source=script/lib/systems.sh
. "$root/script/lib/systems.sh"

# The Debian packages of a group. They bear these names in Debian 12, 13 and testing.
packages_of() {
    local group
    for group in "$@"; do
        case $group in
        demo) echo tshark wireshark-dev libwireshark-dev libglib2.0-dev libjson-glib-dev \
            cmake ninja-build gcc libc6-dev pkg-config util-linux ;;
        gui) packages_of demo && echo wireshark ;;
        test) packages_of demo && echo python3 python3-pytest python3-jsonpickle python3-yaml python3-clang valgrind iproute2 jq diffutils ;;
        fuzz) packages_of demo && echo clang libclang-rt-dev llvm ;;
        fleet) echo clickhouse-server clickhouse-client tzdata parallel python3 ;;
        bench) packages_of demo && echo python3 ;;
        profile) packages_of bench && echo valgrind ;;
        live) packages_of test && echo iproute2 nftables procps ;;
        screenshots) packages_of demo && echo wireshark xvfb openbox xdotool imagemagick fonts-dejavu-core ;;
        windows) packages_of screenshots && echo xclip ;;
        lint) packages_of test && echo clang-format clang-tidy cppcheck codespell shellcheck perl \
            bzip2 xz-utils ;;
        package) packages_of demo && echo dpkg-dev file binutils xz-utils ;;
        lintian) echo lintian ;;
        matrix) echo mmdebstrap arch-test debian-archive-keyring tar util-linux cmake python3 ;;
        *) die "no such group of packages: $group" ;;
        esac
    done | tr ' ' '\n' | sort -u
}

# What a group calls by name; only asked where packages cannot be looked up or installed.
tools_of() {
    local group
    for group in "$@"; do
        case $group in
        demo) echo tshark cmake ninja cc pkg-config setpriv ;;
        gui) tools_of demo && echo wireshark ;;
        test) tools_of demo && echo valgrind ip jq ;;
        fuzz) tools_of demo && echo clang ;;
        fleet) echo clickhouse-server clickhouse-client parallel ;;
        bench) tools_of demo ;;
        profile) tools_of bench && echo valgrind ;;
        live) tools_of test && echo ip ;;
        screenshots) tools_of demo && echo wireshark Xvfb openbox xdotool import convert ;;
        windows) tools_of screenshots && echo xclip ;;
        lint) tools_of test && echo clang-format clang-tidy cppcheck codespell shellcheck perl ;;
        package) tools_of demo && echo dpkg-shlibdeps file ;;
        lintian) echo lintian ;;
        matrix) echo mmdebstrap chroot cmake ;;
        esac
    done | tr ' ' '\n' | sort -u
}

# Prints what a group needs and the system has not: commands, pkg-config modules, Python modules.
missing_tools() {
    local item
    for item in $(tools_of "$@"); do
        have "$item" || echo "$item"
    done
    [[ " $* " == *" matrix "* && $# == 1 ]] && return
    for item in wireshark glib-2.0 json-glib-1.0; do
        pkg-config --exists "$item" 2>/dev/null || echo "$item.pc"
    done
    have_wireshark_cmake || echo WiresharkConfig.cmake
    [[ " $* " =~ \ (test|live|lint)\  ]] || return 0
    for item in pytest jsonpickle clang.cindex; do
        "$python" -c "import $item" 2>/dev/null || echo "Python module $item"
    done
}

have_wireshark_cmake() {
    local libdir dir
    libdir=$(pkg-config --variable=libdir wireshark 2>/dev/null) || return 1
    for dir in wireshark/cmake cmake/wireshark cmake/Wireshark; do
        [[ -e $libdir/$dir/WiresharkConfig.cmake ]] && return 0
    done
    # CMAKE_PREFIX_PATH or Wireshark_DIR may name a place of the user's own.
    [[ -n ${CMAKE_PREFIX_PATH:-}${Wireshark_DIR:-} ]]
}

missing_packages() {
    local package
    for package in "$@"; do
        [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] || echo "$package"
    done
}

# Runs apt-get as root with no questions asked; wireshark-common would ask who may capture.
apt_get() {
    local sudo=() log status=0
    if ((EUID != 0)); then
        sudo=(sudo)
        [[ -t 0 ]] || sudo=(sudo -n)
    fi
    log=$(mktemp)
    "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get -q -y -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 "$@" >"$log" 2>&1 </dev/null || status=$?
    ((status == 0)) || tail -n 25 -- "$log" >&2
    rm -f -- "$log"
    return "$status"
}

known_packages() {
    local package
    for package in "$@"; do
        apt-cache show --no-all-versions "$package" >/dev/null 2>&1 || return 1
    done
}

# Whether the groups' packages are installed, or apt has them and may install them here: not each release has all.
obtainable() {
    local wanted missing
    have apt-get && have dpkg-query || return 1
    lines_into wanted "$(packages_of "$@")"
    lines_into missing "$(missing_packages "${wanted[@]}")"
    ((${#missing[@]} == 0)) && return
    { ((EUID == 0)) || have sudo; } && known_packages "${missing[@]}"
}

apt_update() {
    say "apt-get update"
    apt_get update
}

# The version that apt has, or would install. A cmake of the user's own that comes first in PATH is what counts.
version_of_apt() {
    local package=$1
    [[ $1 != wireshark ]] || package=wireshark-dev
    if [[ $1 == cmake && $(command -v cmake) != /usr/bin/cmake ]] && have cmake; then
        version_here cmake
        return
    fi
    LC_ALL=C apt-cache policy "$package" | sed -n -E 's/^ *Candidate: ([0-9]+:)?([0-9][0-9.]*).*/\2/p'
}

# Those that an interrupted run has unpacked among them: dpkg --configure -a installs them.
installed_packages() {
    dpkg-query -W -f '${Package}\t${db:Status-Status}\n' | awk '$2 !~ /^(not-installed|config-files)$/ { print $1 }' | sort -u
}

# Adds to build/installed-packages which packages came since, for those who want to be rid of them.
note_new_packages() {
    local before=$1 notes=$root/build/installed-packages
    mkdir -p -- "$root/build" 2>/dev/null || true
    if ! (installed_packages | comm -13 "$before" - >>"$notes") 2>/dev/null; then
        say "$notes cannot be written by this user: what was installed is not noted there"
    fi
}

# Says what is missing before anybody is asked for a password; then installs it.
install_packages() {
    local how="" before old interrupted="" failed="" command="apt-get install --no-install-recommends $*"
    ((EUID == 0)) || how=", with sudo"
    say "$# of the packages that it needs are missing and are now installed$how:"
    printf '  %s\n' "$command"
    known_packages "$@" || apt_update || die_without_packages "$command"
    old=$(too_old version_of_apt)
    [[ -z $old ]] || die "here, ${old//$'\n'/, and }. Nothing was installed"
    before=$(mktemp)
    installed_packages >"$before"
    # apt ends in its own way when it is interrupted, and bash would go on.
    trap 'interrupted=1' INT
    if ! apt_get install --no-install-recommends "$@"; then
        failed=1
        if [[ -z $interrupted ]]; then
            say "that failed; once more with fresh package lists"
            ! apt_update || ! apt_get install --no-install-recommends "$@" || failed=""
        fi
    fi
    trap - INT
    note_new_packages "$before"
    rm -f -- "$before"
    [[ -z $interrupted ]] || die "interrupted. What came by then is noted in build/installed-packages"
    [[ -z $failed ]] || die_without_packages "$command"
}

die_without_packages() {
    printf '%s: the packages could not be installed; the reason stands above. As root:\n  %s\n' "$me" "$1" >&2
    exit 1
}

# With no way to install: goes on if the tools are there all the same, and otherwise says what to install.
# What can be pasted stands in a line of its own.
carry_on_without() {
    local reason=$1 advice=$2 lacking
    shift 2
    lacking=$(missing_tools "$@" && too_old version_here)
    if [[ -z $lacking ]]; then
        say "$reason; the tools are there, so it goes on"
        return
    fi
    printf '%s: %s.\nNot found: %s\n%s\n' "$me" "$reason" "$(paste -sd, <<<"$lacking" | sed 's/,/, /g')" "$advice" >&2
    exit 1
}

# Makes sure that the tools of the groups are there.
setup() {
    local wanted missing old
    if ! have apt-get || ! have dpkg-query; then
        carry_on_without "this system has no apt" "$(advice_for /etc/os-release "$@")" "$@"
        return
    fi
    lines_into wanted "$(packages_of "$@")"
    lines_into missing "$(missing_packages "${wanted[@]}")"
    if ((${#missing[@]} == 0)); then
        old=$(too_old version_here)
        [[ -z $old ]] || die "here, ${old//$'\n'/, and }"
        say "the ${#wanted[@]} packages that it needs are installed"
    elif ((EUID != 0)) && ! have sudo; then
        carry_on_without "packages are missing, this is not root, and there is no sudo" \
            $'As root:\n  '"apt-get install --no-install-recommends ${missing[*]}" "$@"
    else
        install_packages "${missing[@]}"
    fi
}
