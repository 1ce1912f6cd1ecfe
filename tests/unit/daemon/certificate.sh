#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The daemon itself serves its API with TLS, and shows a renewed certificate without a restart.
# Usage: certificate.sh CAROUSELD CAROUSEL
set -u
carouseld=$1 carousel=$2
# shellcheck source=tests/unit/daemon/with_scratch.sh
. "$(dirname "$0")/with_scratch.sh"

# renew NAME DAYS: a certificate that vouches for itself, called NAME, and its key
renew() {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days "$2" \
		-subj "/CN=$1" -addext 'subjectAltName=DNS:localhost,IP:127.0.0.1' \
		-keyout "$scratch/$1.key" -out "$scratch/$1.pem" 2>/dev/null || fail "openssl"
}

# install NAME: where the daemon looks for it
install() {
	cp "$scratch/$1.key" "$scratch/key.new" && mv "$scratch/key.new" "$scratch/key"
	cp "$scratch/$1.pem" "$scratch/certificate.new" &&
		mv "$scratch/certificate.new" "$scratch/certificate"
}

mkdir "$scratch"/{state,run,media}
renew first 90
renew second 90
renew brief 5
install first
configuration() {
	cat <<-END
		[daemon]
		state_dir = $scratch/state
		runtime_dir = $scratch/run
		kernel_target = no
		[web]
		listen = 0.0.0.0:$port
		tls_certificate = $scratch/certificate
		tls_key = $scratch/key
		[portal]
		listen =
		[media]
		pools = $scratch/media
		[drive dvd0]
	END
}
start_on_free_port
await 'is up with 1 drive'

# ask CA ARGUMENT...: over the network, believing in this certificate
ask() {
	"$carousel" --url "https://localhost:$port" --token-file "$scratch/state/token" --ca-file "$scratch/$1.pem" "${@:2}"
}
ask first drive ls | grep -q dvd0 || fail "the drive is not listed over https"
ask second drive ls >"$scratch/said" 2>&1 && fail "a certificate of somebody else was believed"
grep -q 'does not prove who it is' "$scratch/said" || fail "the command line does not say whom it does not believe"
CAROUSEL_TOKEN=none "$carousel" --url "http://localhost:$port" drive ls 2>"$scratch/said" && fail "TLS is not needed"
grep -q 'begin the URL with https' "$scratch/said" || fail "who asks without TLS is not told: $(cat "$scratch/said")"
CAROUSEL_CA_FILE="$scratch/first.pem" CAROUSEL_URL="https://127.0.0.1:$port" CAROUSEL_TOKEN=$(<"$scratch/state/token") \
	"$carousel" drive ls | grep -q dvd0 || fail "the environment does not do"
[[ $(curl -s -o "$scratch/said" -w '%{http_code}' --cacert "$scratch/first.pem" "https://localhost:$port/api/v1") == 401 ]] ||
	fail "without a token it is not 401"

# One connection that stays, over the renewal: a request every half second, and it closes with the last.
token=$(<"$scratch/state/token")
{
	for _ in {1..11}; do
		printf 'GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n'
		sleep 0.5
	done
	printf 'GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'
} | openssl s_client -quiet -connect "localhost:$port" -CAfile "$scratch/first.pem" >"$scratch/kept" 2>/dev/null &
kept=$!

# Without a signal, and with one.
install second
for _ in {1..600}; do
	ask second drive ls >/dev/null 2>&1 && break
	sleep 0.1
done
ask second drive ls >/dev/null || fail "the renewed certificate is not shown"
await 'the certificate was read again'
install brief
kill -HUP $pid
await 'reading the configuration again'
for _ in {1..600}; do
	ask brief drive ls >/dev/null 2>&1 && break
	sleep 0.1
done
ask brief drive ls >/dev/null || fail "the certificate is not shown after a reload"
ask brief doctor >"$scratch/doctor"
grep -q 'expires in [45] day' "$scratch/doctor" || fail "the doctor does not say that the certificate expires soon"

# What cannot be used is said, and changes nothing.
echo nonsense >"$scratch/certificate"
kill -HUP $pid
await 'the certificate stays as it was: .*is not a certificate in PEM'
ask brief drive ls >/dev/null || fail "a certificate that cannot be used was not left out"
wait $kept
[[ $(grep -c '^HTTP/1.1 200' "$scratch/kept") == 12 ]] || fail "the connection did not survive the renewal"

# Nor is it kept for the next start to find.
"$carouseld" -c "$scratch/conf" --check-config 2>"$scratch/said" && fail "a certificate that is none passes the check"
grep -q 'is not a certificate in PEM' "$scratch/said" || fail "--check-config does not say what is wrong with it"
PATH="$(dirname "$carouseld"):$PATH" "$carousel" --socket "$scratch/run/carousel.sock" doctor -c "$scratch/conf" >"$scratch/doctor"
grep -q 'is not a certificate in PEM' "$scratch/doctor" || fail "the doctor does not say that it would not start again"

kill $pid
wait $pid || fail "the daemon ended with $?"
grep -q "$token" "$scratch/log" && fail "the log has the token"

# At start it is refused.
"$carouseld" -c "$scratch/conf" 2>"$scratch/said" && fail "it starts with a certificate that is none"
grep -q 'is not a certificate in PEM' "$scratch/said" || fail "it does not say why it does not start"
install first
"$carouseld" -c "$scratch/conf" --check-config || fail "a certificate that is one does not pass the check"
cp "$scratch/second.key" "$scratch/key"
"$carouseld" -c "$scratch/conf" 2>"$scratch/said" && fail "it starts with the key of another certificate"
grep -q 'is not that of the certificate' "$scratch/said" || fail "it does not say that the key is another one's"
grep -qE 'ERROR: (Address|Undefined|Thread)|runtime error' "$scratch/log" "$scratch/said" && fail "a sanitizer spoke"
((failed)) && cat "$scratch/log" >&2
exit $failed
