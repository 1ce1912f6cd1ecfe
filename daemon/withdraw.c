/* SPDX-License-Identifier: Apache-2.0 */
#include "withdraw.h"

#include "clean_stop.h"
#include "config.h"
#include "exporter.h"
#include "instance.h"
#include "log.h"
#include "util/error.h"

bool withdraw(const struct config *config, struct error *error)
{
	static const char *const nothing[] = {NULL};
	static const struct exporter_config exporting;
	struct instance instance = {-1, -1};
	struct error why = {0};
	if (!instance_start(&instance, config->state_dir, config->runtime_dir, error)) {
		instance_finish(&instance);
		return false;
	}
	struct exporter *exporter = NULL;
	if (config->kernel_target == KERNEL_TARGET_NO)
		error_set(&why, ERROR_KERNEL_TARGET, "Say kernel_target = auto.",
			"the configuration says kernel_target = no");
	else
		exporter = exporter_create(&exporting, &why);
	if (exporter) {
		exporter_remove_orphans(exporter, nothing, nothing);
		/* The rings that it speaks of are gone. */
		clean_stop_take(config->runtime_dir);
	} else {
		log_info("there is nothing to withdraw: %s", why.sentence);
	}
	exporter_destroy(exporter);
	instance_finish(&instance);
	return true;
}
