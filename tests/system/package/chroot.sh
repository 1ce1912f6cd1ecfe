# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# The packages in a small Debian that nobody booted: what they bring, and what they leave.

entered=''

# enter_root CACHED ROOT: a copy of one's own
enter_root() {
	cp -a --reflink=auto "$1" "$2" &&
		cp /etc/resolv.conf "$2/etc/resolv.conf" &&
		mount -t proc proc "$2/proc" &&
		entered=$2
}

leave_root() {
	[ -z "$entered" ] || umount "$entered/proc"
	entered=''
}

inside() {
	DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 chroot "$entered" "$@"
}

# What they depend on comes from Debian; what they recommend does not.
install() { # PACKAGE...
	cp "$@" "$entered/tmp" || return
	inside apt-get update -q && inside sh -c 'apt-get install -q -y --no-install-recommends /tmp/*.deb'
}

has() { # FILE...
	local file missing=0
	for file; do
		[ -e "$entered$file" ] || { echo "there is no $file" && missing=1; }
	done
	return $missing
}

has_not() {
	local file there=0
	for file; do
		[ ! -e "$entered$file" ] || { echo "$file is there" && there=1; }
	done
	return $there
}

owner_is() { # FILE OWNER:GROUP MODE
	local said
	said=$(inside stat -c '%U:%G %a' "$1") || return
	[ "$said" = "$2 $3" ] || { echo "$1 is $said" && return 1; }
}

conffile_is_what_the_daemon_says() {
	inside carouseld --print-config >"$entered/tmp/printed" &&
		cmp "$entered/tmp/printed" "$entered/etc/carousel/carousel.conf" &&
		grep -q '^#socket_group = carousel$' "$entered/tmp/printed"
}

# Every file of it is somebody else's business after the purge, or kept on purpose.
nothing_is_left() {
	local left
	left=$(cd "$entered" && find etc usr lib run -iname '*carousel*' ! -path '*/proc/*')
	[ -z "$left" ] || { printf '%s\n' "$left" && return 1; }
}

check_in_root() { # SERVER CLIENT
	local version
	version=$(dpkg-deb -f "$1" Version)
	check "they install into a Debian that has nothing of what they need" install "$@"
	check "programs run" shows "^carouseld $version" "^carousel $version" -- \
		inside sh -c 'carouseld --version && carousel --version'
	check "the manual is there" has /usr/share/man/man{1/carousel.1,5/carousel.conf.5,7/carousel-api.7,8/carouseld.8}.gz
	check "shells find what they complete command lines with" has /usr/share/bash-completion/completions/carousel \
		/usr/share/zsh/vendor-completions/_carousel /usr/share/fish/vendor_completions.d/carousel.fish
	check "and the one of this machine can use it" inside bash -ec 'source /usr/share/bash-completion/completions/carousel
		complete -p carousel'
	check "so are unit, user, directories and modules" has /lib/systemd/system/carouseld.service \
		/usr/lib/{sysusers,tmpfiles,modules-load}.d/carousel.conf
	check "and the profile for AppArmor" has /etc/apparmor.d/{carouseld,local/carouseld}
	check "the conffile is what --print-config prints, with the group" conffile_is_what_the_daemon_says
	check "it passes the check" inside carouseld --check-config
	check "the user has no shell and no password" shows '^carousel:x:[0-9]*:[0-9]*:.*:/usr/sbin/nologin$' -- \
		inside getent passwd carousel
	check "its group may put images into the pool" owner_is /var/lib/carousel/media root:carousel 2775
	check "the daemon will start at boot" shows '^enabled$' -- inside systemctl is-enabled carouseld
	check "doctor says that no daemon runs" says carouseld -- inside carousel doctor

	echo "log_level" >>"$entered/etc/carousel/carousel.conf"
	check "a mistake in the configuration is found" says 'carousel.conf' -- inside carouseld --check-config
	touch "$entered/var/lib/carousel/catalog.db"
	check "removing them" inside apt-get remove -q -y carousel-server carousel
	check "keeps the configuration and the library" has /etc/carousel/carousel.conf /var/lib/carousel/{catalog.db,media}
	check "and nothing else" has_not /usr/{sbin/carouseld,bin/carousel} /lib/systemd/system/carouseld.service
	check "a purge says where the library is" shows 'kept in /var/lib/carousel' -- \
		inside apt-get purge -q -y carousel-server carousel
	check "and keeps it" has /var/lib/carousel/{catalog.db,media}
	check "and nothing else" nothing_is_left
	inside rm -rf /var/lib/carousel /tmp/carousel*.deb
}
