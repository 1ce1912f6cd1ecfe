/* SPDX-License-Identifier: Apache-2.0 */
#include "catalog_care.h"

#include <stdio.h>

#include "catalog/catalog.h"
#include "log.h"

static void *check(void *argument)
{
	struct catalog_care *care = argument;
	if (catalog_check(care->path, &care->ending, &care->finding) ||
		care->finding.code == ERROR_CANCELLED)
		return NULL;
	log_error("%s. %s", care->finding.sentence, care->finding.remedy);
	atomic_store(&care->damaged, true);
	return NULL;
}

void catalog_care_start(struct catalog_care *care, const char *path)
{
	care->path = path;
	care->running = pthread_create(&care->thread, NULL, check, care) == 0;
	if (!care->running)
		log_warning("the catalog is not checked: there is no thread for it");
}

void catalog_care_stop(struct catalog_care *care)
{
	atomic_store(&care->ending, true);
	if (care->running)
		pthread_join(care->thread, NULL);
	care->running = false;
}

bool catalog_care_warning(struct catalog_care *care, char *ret, size_t size)
{
	if (!atomic_load(&care->damaged))
		return false;
	snprintf(ret, size, "%s. %s", care->finding.sentence, care->finding.remedy);
	return true;
}
