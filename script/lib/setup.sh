# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Sourced: finds which tools a job needs and installs those that are missing, as Debian packages.
# `setup GROUP …` is the one entry; packages_of is the one list. Needs common.sh.
#
# shellcheck disable=SC2154 # me and python are common.sh's

# The Debian packages of a group. They bear these names in Debian 12, 13 and testing.
packages_of() {
    local group
    for group in "$@"; do
        case $group in
        demo) echo tshark wireshark-dev libwireshark-dev libglib2.0-dev libjson-glib-dev \
            cmake ninja-build gcc libc6-dev pkg-config util-linux ;;
        test) packages_of demo && echo python3 python3-pytest python3-jsonpickle python3-yaml valgrind iproute2 jq diffutils ;;
        fuzz) packages_of demo && echo clang libclang-rt-dev llvm ;;
        bench) packages_of demo && echo python3 time ;;
        live) packages_of test && echo iproute2 procps ;;
        screenshots) packages_of demo && echo wireshark xvfb openbox xdotool imagemagick fonts-dejavu-core ;;
        lint) packages_of test && echo clang-format clang-tidy cppcheck codespell shellcheck perl \
            bzip2 xz-utils ;;
        package) packages_of demo && echo dpkg-dev file binutils xz-utils ;;
        lintian) echo lintian ;;
        matrix) echo mmdebstrap debian-archive-keyring tar util-linux ;;
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
        test) tools_of demo && echo valgrind ip jq ;;
        fuzz) tools_of demo && echo clang ;;
        bench) tools_of demo ;;
        live) tools_of test && echo ip ;;
        screenshots) tools_of demo && echo wireshark Xvfb openbox xdotool import convert ;;
        lint) tools_of test && echo clang-format clang-tidy cppcheck codespell shellcheck perl ;;
        package) tools_of demo && echo dpkg-shlibdeps file ;;
        lintian) echo lintian ;;
        matrix) echo mmdebstrap chroot ;;
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
    for item in pytest jsonpickle; do
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

apt_update() {
    say "apt-get update"
    apt_get update
}

apt_install() {
    say "apt-get install --no-install-recommends $*"
    apt_get install --no-install-recommends "$@"
}

install_packages() {
    if known_packages "$@"; then
        apt_install "$@" && return
        say "that failed; once more with fresh package lists"
    fi
    if ! apt_update || ! apt_install "$@"; then
        die "these packages could not be installed: $*"
    fi
}

# With no way to install: goes on if the tools are there all the same, and otherwise says what to install.
carry_on_without() {
    local reason=$1 lacking
    shift
    lacking=$(missing_tools "$@")
    if [[ -z $lacking ]]; then
        say "$reason; the tools are there, so it goes on"
        return
    fi
    printf '%s: %s.\nNot found: %s\nThese Debian packages hold what is needed; elsewhere their names differ:\n  %s\n' \
        "$me" "$reason" "$(paste -sd, <<<"$lacking" | sed 's/,/, /g')" "$(packages_of "$@" | paste -sd' ')" >&2
    exit 1
}

# Makes sure that the tools of the groups are there.
setup() {
    local wanted missing
    if ! have apt-get || ! have dpkg-query; then
        carry_on_without "this system has no apt" "$@"
        return
    fi
    lines_into wanted "$(packages_of "$@")"
    lines_into missing "$(missing_packages "${wanted[@]}")"
    if ((${#missing[@]} == 0)); then
        say "the ${#wanted[@]} packages that it needs are installed"
    elif ((EUID != 0)) && ! have sudo; then
        carry_on_without "packages are missing, this is not root, and there is no sudo; as root:
  apt-get install --no-install-recommends ${missing[*]}" "$@"
    else
        install_packages "${missing[@]}"
    fi
}
