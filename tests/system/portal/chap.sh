# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# CHAP, one way and both.

host_secret='a secret of the host'
own_secret='a secret of ours, too'

auth() { # KEY VALUE
	node_set test "node.session.auth.$1" "$2"
}

not_let_in='authorization failure|fatal login error'

printf '%s\n' "$host_secret" >"$scratch/host-secret"
chmod 600 "$scratch/host-secret"
chown nobody "$scratch/host-secret"
check "a daemon whose export asks for CHAP" portal_daemon chap_user=guest "chap_secret_file=$scratch/host-secret"
check "others cannot read what it keeps" refused setpriv --reuid=daemon --regid=daemon --clear-groups \
	grep -rqa "$host_secret" "$state"
check "but it is there" grep -rqa "$host_secret" "$state"
check "discovery" discover
check "without CHAP: refused" says "$not_let_in" -- log_in test

auth authmethod CHAP
auth username guest
auth password 'not the secret at all'
check "with a wrong secret: refused" says "$not_let_in" -- log_in test
check "the daemon says who it was" grep -q "$host" "$log"
auth username somebody
auth password "$host_secret"
check "with a wrong name: refused" says "$not_let_in" -- log_in test
auth username guest
check "with name and secret: let in" log_in test
check "the device is the image" device_equals "$(iscsi_device test)" "$pool/alpha.iso"
check "it logs out" log_out test
auth chap_algs SHA256
check "with SHA-256: let in" log_in test
check "the device is the image" device_equals "$(iscsi_device test)" "$pool/alpha.iso"
check "it logs out" log_out test
auth chap_algs MD5

auth username_in library
auth password_in 'some other secret'
check "mutual: of a target that has no secret the host wants none of it" \
	says "$not_let_in" -- log_in test
check "the export gets one" export_put '{"luns":[{"lun":0,"drive":"dvd0"}],"chap":{"user":"guest"},
	"mutual_chap":{"user":"library","secret":"'"$own_secret"'"}}'
check "no secret is given out" refused grep -q "secret of" <<<"$(api GET /api/v1/exports)"
check "mutual: a wrong one, and the host wants none of it" \
	says 'non-retryable iSCSI login failure' -- log_in test
auth password_in "$own_secret"
check "mutual: the right one" log_in test
check "the device is the image" device_equals "$(iscsi_device test)" "$pool/alpha.iso"
check "it logs out" log_out test
auth chap_algs SHA256
check "mutual, with SHA-256" log_in test
check "it logs out" log_out test
check "no session is left" wait_until 60 sessions_are 0
check "no secret is in the log" refused grep -qE "secret of|not the secret" "$log"
check "the daemon ends" stop_daemon
