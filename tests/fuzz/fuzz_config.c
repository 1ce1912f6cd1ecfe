/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A configuration file: it is taken or refused with a sentence, and what its exports say is asked
 * for within the bounds of the library.
 */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "config.h"
#include "export_seed.h"
#include "util/error.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Secrets are files of this machine, which are none of a fuzzer's business. */
static void forget_files(struct config_export *export)
{
	export->chap_secret_file[0] = '\0';
	export->mutual_secret_file[0] = '\0';
}

static void read_exports(struct config *config)
{
	static struct export_seed seed;
	for (unsigned i = 0; i < config->export_count; i++) {
		struct error error = {0};
		forget_files(&config->exports[i]);
		if (!export_seed_read(&config->exports[i], &seed, &error))
			assert_int_equal(error.code, ERROR_CONFIGURATION);
		assert_true(seed.put.lun_count <= LIBRARY_EXPORT_LUNS_MAX);
		assert_true(seed.put.initiators.count <= LIBRARY_EXPORT_RULES_MAX);
		assert_true(seed.put.networks.count <= LIBRARY_EXPORT_RULES_MAX);
		export_seed_finish(&seed);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int fd = -1;
	static char path[64];
	struct config config;
	struct error error = {0};
	if (fd < 0) {
		fd = memfd_create("carousel.conf", MFD_CLOEXEC);
		assert_true(fd >= 0);
		snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	}
	assert_int_equal(ftruncate(fd, 0), 0);
	assert_int_equal(pwrite(fd, data, size, 0), size);
	if (!config_load(&config, path, &error)) {
		assert_int_equal(error.code, ERROR_CONFIGURATION);
		assert_true(error.sentence[0] && error.remedy[0]);
		return 0;
	}
	read_exports(&config);
	config_finish(&config);
	return 0;
}
