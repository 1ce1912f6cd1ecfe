# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Who is let in: CHAP and mutual CHAP, and what is refused before the kernel is asked.

host_secret='a secret of the host'
own_secret='a secret of ours, too'
not_let_in='authorization failure|fatal login error|non-retryable iSCSI login failure'

secret() { # NAME TEXT: prints the name of its file
	printf '%s\n' "$2" >"$scratch/secret-$1"
	echo "$scratch/secret-$1"
}

auth() { # KEY VALUE
	lio lio -I host-a -o update -n "node.session.auth.$1" -v "$2"
}

reads_as() { # HOST
	log_in_as lio "$1" && device_equals "$(iscsi_device lio "$1")" "$pool/alpha.iso" && log_out_as lio "$1"
}

check "an export with CHAP" export_add lio dvd0 host-a host-b -- \
	--chap-user guest --chap-secret-file "$(secret host "$host_secret")"
acl=$TARGET/iscsi/$prefix:lio/tpgt_1/acls/$initiators:host-a
check "the kernel has the secret" grep -qF "$host_secret" "$acl/auth/password"
check "others cannot read it there" refused setpriv --reuid=nobody --regid=nogroup --clear-groups \
	cat "$acl/auth/password"
know lio host-a
check "without a secret: refused" says "$not_let_in" -- log_in_as lio host-a
auth authmethod CHAP
auth username guest
auth password 'not the secret at all'
check "with a wrong secret: refused" says "$not_let_in" -- log_in_as lio host-a
auth username somebody
auth password "$host_secret"
check "with a wrong user: refused" says "$not_let_in" -- log_in_as lio host-a
check "nobody is logged in" refused has_session host-a lio
auth username guest
check "with user and secret: let in, and it reads" reads_as host-a

auth username_in library
auth password_in "$own_secret"
check "the target proves nothing, and the host wants none of it" says "$not_let_in" -- log_in_as lio host-a
check "mutual CHAP" carousel export set lio --mutual-user library \
	--mutual-secret-file "$(secret own "$own_secret")"
check "both secrets right: let in, and it reads" reads_as host-a
auth password_in 'some other secret'
check "the target's is not what the host knows: the host refuses" says "$not_let_in" -- log_in_as lio host-a
auth password_in "$own_secret"
auth password 'not the secret at all'
check "the host's is wrong: the target refuses" says "$not_let_in" -- log_in_as lio host-a
auth password "$host_secret"
check "both are right again" reads_as host-a
check "another secret" carousel export set lio --chap-secret-file "$(secret host 'the secret that follows')"
check "the former is refused" says "$not_let_in" -- log_in_as lio host-a
auth password 'the secret that follows'
check "the new one is let in" reads_as host-a
check "the daemon is stopped" stop_daemon
check "and started" start_daemon
check "it is let in still" reads_as host-a
check "no secret is in the log" refused grep -qE 'secret of|secret that|not the secret' "$log"
check "none is given out" refused grep -qE 'secret of|secret that' <<<"$(api GET /api/v1/exports)"

# What is asked for is checked before anything is made.
rejected() { # TEXT OPTION...: as CHAP's secret, or whatever the options say
	says "$1" -- carousel export add bad dvd0 --transport kernel --target "$prefix:bad" "${@:2}"
}
with_secret() { # TEXT SECRET
	rejected "$1" --initiator "$initiators:host-a" --chap-user guest --chap-secret-file "$(secret bad "$2")"
}
for_initiator() { # TEXT NAME
	rejected "$1" --initiator "$2"
}
check "a secret of 11 bytes" with_secret 'has 11 bytes, the least is 12' 'eleven byte'
check "one of 256 bytes" with_secret '255' "$(printf '%0256d' 7)"
check "no secret" with_secret 'secret' ''
check "one that the kernel takes for none" with_secret 'takes for none' NULL-and-some-more
check "one that is the target's own too" says 'the same' -- carousel export set lio \
	--mutual-secret-file "$(secret host 'the secret that follows')"
check "an initiator that is no iSCSI name" for_initiator '"host-a" is no iSCSI name' host-a
check "one without a date" for_initiator 'is no iSCSI name' iqn.example:host
check "one with a space" for_initiator 'is no iSCSI name' 'iqn.1993-08.org.debian:a b'
check "one that climbs" for_initiator 'is no iSCSI name' 'iqn.1993-08.org.debian:../../x'
check "a pattern" for_initiator 'the kernel knows no patterns' "$initiators:*"
check "one that is too long" for_initiator 'is no iSCSI name' "$initiators:$(printf '%0200d' 7)"
check "one twice" says 'is given twice' -- api_fails POST /api/v1/exports '{"name":"bad","transport":"kernel",
	"luns":[{"lun":0,"drive":"dvd0"}],"initiators":["'$initiators:host-a'","'$initiators:host-a'"]}'
check "no initiator, and not open" rejected 'names no initiator'
check "a network" rejected 'cannot tell networks apart' --initiator "$initiators:host-a" --network 10.0.0.0/8
check "a target that is no iSCSI name" says 'is no iSCSI name' -- carousel export add bad dvd0 \
	--transport kernel --target 'iqn.2026-01.org/../x' --initiator "$initiators:host-a"
check "none of them was made" test "$(ls -d "$TARGET"/iscsi/iqn.*)" = "$TARGET/iscsi/$prefix:lio"
check "nor is in the catalog" refused carousel export show bad
check "the export goes" forget_export lio
check "its target is gone" test ! -e "$TARGET/iscsi/$prefix:lio"
