/* SPDX-License-Identifier: Apache-2.0 */
/* Until when clients believe who the daemon is. */
#include <time.h>

#include "doctor.h"

enum { DAY_S = 86400, SOON_S = 14 * DAY_S };

void doctor_certificate(struct findings *findings, const json_t *health, long long now)
{
	struct tm tm = {0};
	const char *text = text_of(health, "certificate_expires");
	if (!strptime(text, "%Y-%m-%dT%H:%M:%SZ", &tm))
		return;
	long long left = timegm(&tm) - now;
	if (left >= SOON_S)
		found(findings, DOCTOR_FINE, "certificate", NULL,
			"that of the API is good until %s", text);
	else if (left > 0)
		found(findings, DOCTOR_WARNING, "certificate",
			"Renew it: put the new one and its key where tls_certificate and tls_key "
			"say. No restart is needed.",
			"that of the API expires in %lld day(s), %s", left / DAY_S, text);
	else
		found(findings, DOCTOR_PROBLEM, "certificate",
			"Renew it: put the new one and its key where tls_certificate and tls_key "
			"say. No restart is needed.",
			"that of the API has expired, %s: clients refuse it", text);
}
