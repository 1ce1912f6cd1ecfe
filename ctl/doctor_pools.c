/* SPDX-License-Identifier: Apache-2.0 */
/* How it is noticed what happens in the media pools. */
#include <string.h>

#include "client.h"
#include "doctor.h"
#include "human.h"

static void tell_in_turn(struct findings *findings, const json_t *pool, long long rescan_s)
{
	char every[32];
	found(findings, rescan_s ? DOCTOR_NOTE : DOCTOR_WARNING, "pools",
		rescan_s ? NULL : "Set pool_rescan in [media] of the configuration.",
		"%s is looked through %s%s: %s", text_of(pool, "path"),
		rescan_s ? "only every " : "only when somebody asks for it",
		rescan_s ? human_duration(rescan_s, every, sizeof every) : "",
		text_of(pool, "reason"));
	if (strstr(text_of(pool, "reason"), "max_user_watches"))
		mend(findings, "sysctl fs.inotify.max_user_watches=1048576; "
			       "systemctl reload carouseld");
	else if (strstr(text_of(pool, "reason"), "max_user_instances"))
		mend(findings, "sysctl fs.inotify.max_user_instances=1024; "
			       "systemctl reload carouseld");
	else
		mend(findings, "carousel media scan");
}

void doctor_pools(struct findings *findings, const json_t *health)
{
	size_t i;
	json_t *pool;
	long long rescan_s = number_of(health, "pool_rescan_s");
	json_array_foreach(json_object_get(health, "pools"), i, pool)
	{
		if (!strcmp(text_of(pool, "watch"), "watched"))
			found(findings, DOCTOR_FINE, "pools", NULL,
				"%s is watched, with %lld directories", text_of(pool, "path"),
				number_of(pool, "directories"));
		else if (!strcmp(text_of(pool, "watch"), "absent"))
			found(findings, DOCTOR_WARNING, "pools",
				"Mount its disk, or take it out of pools in [media].",
				"%s is not there", text_of(pool, "path"));
		else if (!strcmp(text_of(pool, "watch"), "rescan") || !rescan_s)
			tell_in_turn(findings, pool, rescan_s);
	}
}
