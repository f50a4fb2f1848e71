# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Sourced: the Debian mirror, keyring and proxy of this machine, read from apt's own configuration, so that
# other releases come from where the machine's packages come from. Where another system's packages are wanted, as
# Ubuntu's, `archive` names them ("URI COMPONENT …"), and `archive_keyring` the file of who signs them.

archive="" archive_keyring=""

# Prints the machine's mirrors, one a line: "LABEL URI FILE" (Debian or Debian-Security; FILE configures it).
# shellcheck disable=SC2016 # the names are apt's, not the shell's
debian_mirrors() {
    apt-get indextargets --format '$(LABEL)|$(REPO_URI)|$(SOURCESENTRY)' 'Created-By: Packages' 2>/dev/null |
        awk -F'|' '$1 ~ /^Debian(-Security)?$/ && !seen[$1]++ { sub(/:[0-9]+$/, "", $3); print $1, $2, $3 }'
}

# As debian_mirrors, after making sure that apt has its lists: their Release files tell the labels.
known_mirrors() {
    local mirrors
    mirrors=$(debian_mirrors)
    if [[ $mirrors != *"Debian "* ]]; then
        say "apt has no package lists yet" >&2
        apt_update >&2 || true
        mirrors=$(debian_mirrors)
    fi
    [[ $mirrors == *"Debian "* ]] || die "apt on this machine knows no Debian mirror (apt-get indextargets)"
    printf '%s\n' "$mirrors"
}

# The keyring that the machine trusts its mirror by: the entry's Signed-By, if that is a file.
mirror_keyring() {
    local file key
    [[ -z $archive_keyring ]] || { printf '%s\n' "$archive_keyring" && return; }
    file=$(known_mirrors | awk '$1 == "Debian" { print $3; exit }')
    key=$(sed -n -E 's/^Signed-By:[[:space:]]*(\/[^[:space:]]+).*/\1/p; s/^deb.*signed-by=(\/[^],[:space:]]+).*/\1/p' \
        "$file" 2>/dev/null | sed -n 1p)
    [[ -r $key ]] || key=/usr/share/keyrings/debian-archive-keyring.gpg
    [[ -r $key ]] && printf '%s\n' "$key"
}

# Prints sources.list lines for a release: TYPE is deb or deb-src, OPTIONS such as [signed-by=…]. Unstable has no
# security updates of its own, and apt fails where it finds none.
sources_for() {
    local type=$1 options=$2 release=$3 label uri
    [[ -z $archive ]] || { echo "$type $options ${archive/ / $release }" | tr -s ' ' && return; }
    known_mirrors | while read -r label uri _; do
        case $label in
        Debian) echo "$type $options $uri $release main" ;;
        Debian-Security) [[ $release =~ ^(sid|unstable)$ ]] || echo "$type $options $uri $release-security main" ;;
        esac
    done | tr -s ' '
}

# Prints the machine's settings for fetching (proxies, checks of dates), as lines of apt.conf.
fetch_options() {
    apt-config dump | grep -E '^Acquire::((https?|ftp)::Proxy|Check-Valid-Until|Check-Date|https?::Pipeline-Depth)' || true
}
