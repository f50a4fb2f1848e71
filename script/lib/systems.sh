# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Sourced by setup.sh: what the build needs of any system, and what it is called on systems without apt.
# docs/installing.md has the same commands; tests/install compares the two.
#
# shellcheck disable=SC2154 # root is common.sh's

# The oldest version that will do: CMakeLists.txt refuses older ones.
minimum_of() {
    case $1 in
    cmake) sed -n -E 's/^cmake_minimum_required\(VERSION ([0-9.]+).*/\1/p' "$root/CMakeLists.txt" ;;
    wireshark) sed -n -E 's/^if\(Wireshark_VERSION VERSION_LESS ([0-9.]+).*/\1/p' "$root/CMakeLists.txt" ;;
    esac
}

version_here() {
    case $1 in
    cmake) cmake --version 2>/dev/null | sed -n '1s/^[^0-9]*//p' ;;
    wireshark) pkg-config --modversion wireshark 2>/dev/null ;;
    esac
}

# Prints what is too old, one a line. The command that is given prints the version of "cmake" and of "wireshark",
# or nothing.
too_old() {
    local tool version minimum
    for tool in cmake wireshark; do
        version=$("$1" "$tool") || version=""
        minimum=$(minimum_of "$tool")
        [[ -z $version || $(printf '%s\n' "$minimum" "$version" | sort -V | sed -n 1p) == "$minimum" ]] ||
            echo "$tool $version is too old: it has to be $minimum or later"
    done
}

# The command that installs what building, tshark and the program with windows need.
install_command() {
    case $1 in
    fedora) echo "sudo dnf install wireshark-cli wireshark wireshark-devel glib2-devel json-glib-devel cmake" \
        "ninja-build gcc pkgconf-pkg-config util-linux" ;;
    arch) echo "sudo pacman -S --needed wireshark-cli wireshark-qt glib2 json-glib cmake ninja gcc pkgconf util-linux" ;;
    suse) echo "sudo zypper install wireshark wireshark-ui-qt wireshark-devel glib2-devel json-glib-devel cmake" \
        "ninja gcc pkgconf-pkg-config util-linux" ;;
    macos) echo "brew install bash coreutils findutils wireshark glib json-glib cmake ninja pkgconf" ;;
    *) return 1 ;;
    esac
}

# Which of these systems it is, or is like: os-release's ID, then its ID_LIKE. macOS has no such file.
system_of() {
    local word
    [[ -r $1 ]] || { uname -s | sed -n 's/^Darwin$/macos/p' && return; }
    # shellcheck disable=SC1090 # another system's file
    for word in $(. "$1" && echo "${ID:-} ${ID_LIKE:-}"); do
        case $word in
        fedora | rhel) echo fedora ;;
        arch) echo arch ;;
        suse | opensuse*) echo suse ;;
        *) continue ;;
        esac
        return
    done
}

# Prints what to install for groups on a system that an os-release file describes.
advice_for() {
    local file=$1 system more
    shift
    system=$(system_of "$file")
    if ! install_command "$system" >/dev/null; then
        printf 'These Debian packages hold what is needed; elsewhere their names differ:\n  %s\n' "$(packages_of "$@" | paste -sd' ')"
        return
    fi
    printf 'This installs what building needs (the names are not tried):\n  %s\n' "$(install_command "$system")"
    more=$(packages_of "$@" | grep -v -x -F "$(packages_of gui)" | paste -sd' ') || more=""
    [[ -z $more ]] || printf '%s needs more, which Debian calls:\n  %s\n' "$me" "$more"
}
