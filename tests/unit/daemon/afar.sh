#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Files and events over TCP with TLS and a token: what those with the scope read may have. And media with
# the same bytes, which know of each other.
# Usage: afar.sh CAROUSELD CAROUSEL
set -u
carouseld=$1 carousel=$2
# shellcheck source=tests/unit/daemon/with_scratch.sh
. "$(dirname "$0")/with_scratch.sh"

mkdir "$scratch"/{state,run,media}
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 90 -subj /CN=afar \
	-addext 'subjectAltName=DNS:localhost' -keyout "$scratch/key" -out "$scratch/certificate" 2>/dev/null || fail "openssl"
configuration() {
	cat <<-END
		[daemon]
		state_dir = $scratch/state
		runtime_dir = $scratch/run
		kernel_target = no
		[web]
		listen = 127.0.0.1:$port
		tls_certificate = $scratch/certificate
		tls_key = $scratch/key
		[portal]
		listen =
		[media]
		pools = $scratch/media
		pool_watch = no
		pool_rescan = 0
		[drive dvd0]
	END
}
start_on_free_port
await 'is up with 1 drive'

here() { "$carousel" --socket "$scratch/run/carousel.sock" "$@"; }
# afar TOKEN ARGUMENT...
afar() { CAROUSEL_TOKEN=$1 "$carousel" --url "https://localhost:$port" --ca-file "$scratch/certificate" "${@:2}"; }

genisoimage -quiet -V AFAR -o "$scratch/media/first.iso" "$0" || fail "there is no image"
cp "$scratch/media/first.iso" "$scratch/media/second.iso"
here media import "$scratch/media/first.iso" 2>/dev/null || fail "first is not imported"
here media import "$scratch/media/second.iso" 2>"$scratch/said" || fail "second is not imported"
grep -q 'the same bytes as first' "$scratch/said" || fail "nobody says that second is first"
here media show first | grep -qE '^same bytes +second$' || fail "first does not name its twin"
here media show second | grep -qE '^same bytes +first$' || fail "second does not name its twin"

here token create reader --scope read >"$scratch/token" 2>/dev/null || fail "there is no token"
reader=$(grep -o 'csl_[A-Za-z0-9_-]*' "$scratch/token")
afar "$reader" media get first -O "$scratch/fetched.iso" 2>/dev/null || fail "first is not fetched"
cmp "$scratch/media/first.iso" "$scratch/fetched.iso" || fail "what was fetched is something else"
afar nonsense media get first -O "$scratch/stolen.iso" 2>"$scratch/said" && fail "it is fetched with a wrong token"
[ -e "$scratch/stolen.iso" ] && fail "who may not have it left a file"

# What was, and what happens meanwhile.
: >"$scratch/events"
afar "$reader" events --since 0 --timeout 300 -n 12 --type 'media-*' --type 'load' >"$scratch/events" 2>"$scratch/said" &
following=$!
for _ in {1..600}; do
	grep -q 'media-add .*second' "$scratch/events" && break
	sleep 0.1
done
grep -q 'media-add .*first.*path: .*/first.iso' "$scratch/events" || fail "what was is not told: $(cat "$scratch/events" "$scratch/said")"
here load first dvd0 2>/dev/null || fail "first is not loaded"
for _ in {1..600}; do
	grep -q 'load .*dvd0' "$scratch/events" && break
	sleep 0.1
done
grep -q 'load .*dvd0' "$scratch/events" || fail "what happens is not told: $(cat "$scratch/events" "$scratch/said")"
here token rm reader 2>/dev/null || fail "the token stays"
kill $following 2>/dev/null
wait $following
afar "$reader" events --since 0 -n 1 --timeout 60 >"$scratch/said" 2>&1 && fail "a token that was taken back opens"

kill $pid
wait $pid || fail "the daemon ended with $?"
grep -q "$reader" "$scratch/log" && fail "the log has the token"
exit $failed
