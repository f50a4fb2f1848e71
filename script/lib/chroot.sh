# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Sourced: chroots of Debian releases, kept for a week in the cache directory; a run works on a copy. They come from
# the Debian mirror that this machine's apt is configured with. Needs common.sh, setup.sh and debian.sh.
#
#     open_chroots                    once, as root
#     copy_chroot KIND RELEASE        a copy of the chroot KIND of a release, with the source tree in /src
#     inside DIR COMMAND …            runs a command there, in /src
#
# shellcheck disable=SC2154 # root is common.sh's

fresh="" keep="" cache="" work="" architecture="" # "": this machine's own

# What a chroot holds beyond its base.
# build: all that the scripts ask for in it, so that nothing is installed later. bare: a new Debian, with sudo.
# user: the system of one who only uses Wireshark.
chroot_packages() {
    case $1 in
    build) packages_of test package ;;
    bare) printf '%s\n' ca-certificates sudo passwd util-linux ;;
    user) printf '%s\n' tshark libjson-glib-1.0-0 util-linux ;;
    esac
}

# Takes the cache, and makes a place for copies that is gone when the script ends.
open_chroots() {
    setup matrix
    cache=$(cache_dir)/matrix
    mkdir -p -- "$cache"
    exec 9>"$cache/lock"
    flock -n 9 || die "another run is using $cache"
    work=$(mktemp -d -p "$cache" run.XXXXXX)
    trap close_chroots EXIT
    isolate=()
    unshare --mount true 2>/dev/null && isolate=(unshare --mount --propagation private)
    return 0
}

close_chroots() {
    [[ -n $keep ]] && say "kept: $work" && return
    rm -rf -- "$work" "$cache"/*.new
}

# Notes what is being done, so that a failure can say during what it came.
stage() {
    printf '%s\n' "$2" >"$cache/$1.stage"
    say "$1: $2"
}

# Whether the chroot in the cache is complete, recent, and made with the same packages.
usable_chroot() {
    local stamp=$2/.wireshark-crm-packages
    [[ -z $fresh && -e $stamp && $(<"$stamp") == "$(chroot_packages "$1")" ]] &&
        [[ -n $(find "$stamp" -mtime -7 -print) ]]
}

make_chroot() {
    local kind=$1 release=$2 dir=$3 keyring options=() sources=()
    usable_chroot "$kind" "$dir" && return
    stage "$release" "making a chroot ($kind)"
    lines_into sources "$(sources_for deb "" "$release")"
    ((${#sources[@]}))
    lines_into options "$(fetch_options | sed 's/^/--aptopt=/')"
    keyring=$(mirror_keyring) && options+=("--keyring=$keyring")
    [[ -z $architecture ]] || options+=("--architectures=$architecture")
    rm -rf -- "$dir" "$dir.new"
    quietly "$cache/$release.mmdebstrap.log" mmdebstrap --variant=apt --mode=root \
        --include="$(chroot_packages "$kind" | paste -sd,)" "${options[@]}" "$release" "$dir.new" "${sources[@]}"
    chroot_packages "$kind" >"$dir.new/.wireshark-crm-packages"
    mv -- "$dir.new" "$dir"
}

# The version of the tree, by git or as its VERSION says.
source_version() {
    cmake -P "$root/cmake/version.cmake" | sed -n 's/^-- wireshark-crm //p'
}

# As in a tarball, git is not there to be asked: a file tells the version, and the changelog's time the date.
copy_source() {
    mkdir -p -- "$1/src"
    (source_files | tar -C "$root" --null --no-recursion -T - -cf - | tar -C "$1/src" --no-same-owner -xf -)
    source_version >"$1/src/VERSION"
    [[ -s $1/src/VERSION ]]
    touch -d "@$(source_date)" "$1/src/CHANGELOG.md"
    chmod -R a+rX -- "$1/src"
}

# Sets `copy` to the copy's place.
copy_chroot() {
    local kind=$1 release=$2 base=$cache/$2
    [[ $kind == build ]] || base+=-$kind
    [[ -z $architecture ]] || base+=-$architecture
    copy=$work/$(basename "$base")
    make_chroot "$kind" "$release" "$base"
    stage "$release" "copying the chroot ($kind) and the source"
    cp -a --reflink=auto -- "$base" "$copy"
    copy_source "$copy"
}

# Sets `enter` to what a command line for a chroot begins with. With mounts of its own where the kernel allows it, so
# that /proc is there and gone again with the command; nothing depends on it. What apt downloads is kept.
enter_chroot() {
    local dir=$1 archives
    archives=$cache/archives/$(basename "$dir")
    mkdir -p -- "$archives/partial"
    # shellcheck disable=SC2016 # expanded by the inner shell
    enter=("${isolate[@]}" "$BASH" -c '
        dir=$1 archives=$2; shift 2
        mount -t proc proc "$dir/proc" 2>/dev/null || true
        mount -t devpts -o newinstance,ptmxmode=0666,mode=0620,gid=5 devpts "$dir/dev/pts" 2>/dev/null || true
        mount --bind "$archives" "$dir/var/cache/apt/archives" 2>/dev/null || true
        exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 LC_ALL=C.UTF-8 TERM=dumb \
            chroot "$dir" /bin/sh -c "cd /src && exec \"\$@\"" sh "$@"' bash "$dir" "$archives")
}

inside() {
    local dir=$1 enter
    shift
    enter_chroot "$dir"
    "${enter[@]}" "$@" </dev/null
}
