# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Sourced: Wireshark's windows on a display that nobody sees, gone through by keys. Needs common.sh and run.sh.
#
# A Wireshark whose menus or windows are in another order needs other keys and places. script/gui-test goes through
# those of 4.0, 4.4 and 4.6; script/screenshots is for Debian 12's.
#
# shellcheck disable=SC2154 # home, user and group are run.sh's

# Adds to the home that run.sh's make_home laid out: a capture, and that the main window fills the display.
make_gui_home() {
    width=1440
    height=860
    make_home wireshark "$1"
    cp -- "$2" "$home/home/"
    cat >"$home/home/.config/wireshark/recent_common" <<-END
	gui.geometry_main_x: 0
	gui.geometry_main_y: 0
	gui.geometry_main_width: $width
	gui.geometry_main_height: $height
	gui.geometry_main_maximized: TRUE
	END
    chmod -R u+rwX,go+rX -- "$home/home"
    ((EUID != 0)) || chown -R "$user:$group" -- "$home/home"
    drop_rights ""
    trap 'kill $(jobs -p) 2>/dev/null; rm -rf -- "$home"' EXIT
}

# The number of a free display, which Xvfb itself finds and tells.
start_display() {
    Xvfb -displayfd 3 -screen 0 "${width}x${height}x24" -nolisten tcp 3>"$home/display" >"$home/xvfb.log" 2>&1 &
    for _ in {1..50}; do
        [[ -s $home/display ]] && break
        sleep 0.2
    done
    [[ -s $home/display ]] || die "Xvfb does not start: $(cat -- "$home/xvfb.log")"
    DISPLAY=:$(<"$home/display")
    export DISPLAY
    # Some window manager has to be there: without one, no window ever has the keyboard.
    openbox >"$home/openbox.log" 2>&1 &
    for _ in {1..100}; do
        xdotool get_desktop >/dev/null 2>&1 && return
        sleep 0.2
    done
    die "openbox does not start: $(cat -- "$home/openbox.log")"
}

# Starts Wireshark in the background, with the capture; sets wireshark to its process. More arguments are its own.
open_wireshark() {
    local plugin=$1 capture=$2
    shift 2
    run wireshark "$plugin" LC_ALL=C.UTF-8 TZ=UTC QT_QPA_PLATFORM=xcb XDG_RUNTIME_DIR="$home/run" -- \
        -o gui.update.enabled:FALSE -C CRM -r "$home/home/$capture" "$@" >"$home/wireshark.log" 2>&1 &
    wireshark=$!
}

# Ends the program itself, which is a child of what was started.
close_wireshark() {
    pkill -P "$wireshark" || true
    wait "$wireshark" 2>/dev/null || true
}

# The ids of the windows whose title holds a text, the oldest first.
windows() {
    xdotool search --onlyvisible --name "$1" 2>/dev/null || true
}

# The id of such a window; waits for it, and for what is drawn in it.
window() {
    local id
    for _ in {1..100}; do
        id=$(windows "$1" | sed -n 1p)
        [[ -z $id ]] || break
        sleep 0.3
    done
    [[ -n $id ]] || die "no window came up whose title has: $1"
    sleep 2
    printf '%s\n' "$id"
}

# Keys, one after the other; X*N is N times X.
press() {
    local key times
    for key in "$@"; do
        times=1
        [[ $key != *\** ]] || times=${key#*\*}
        for ((; times > 0; times--)); do
            xdotool key --clearmodifiers "${key%\**}"
            sleep 0.15
        done
    done
}
