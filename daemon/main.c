/* SPDX-License-Identifier: Apache-2.0 */
/* carouseld: what its command line asks for. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "config.h"
#include "log.h"
#include "report.h"
#include "restore.h"
#include "serve.h"
#include "service_manager.h"
#include "util/error.h"
#include "withdraw.h"

enum { EXIT_USAGE = SERVE_MISCONFIGURED };

static void print_usage(FILE *to)
{
	fprintf(to,
		"Usage: carouseld [OPTION]…\n"
		"Serves virtual optical and tape drives to hosts, over iSCSI and to this machine. "
		"See "
		"carouseld(8).\n\n"
		"  -c, --config FILE       the configuration (" CONFIG_PATH_DEFAULT ")\n"
		"      --check-config      read the configuration, say what is wrong, and exit\n"
		"      --check-catalog     read the whole catalog, say whether it is sound, and "
		"exit\n"
		"      --show-config       print the settings in force, and exit\n"
		"      --print-config      print every setting with its default, and exit\n"
		"      --no-kernel-target  run without the kernel target; the portal alone shows "
		"drives\n"
		"      --withdraw          take the drives that a stopped daemon left in the "
		"kernel from hosts, and exit\n"
		"      --restore FILE      put a backup of the catalog in its place, and exit\n"
		"      --version           print the version, and exit\n"
		"  -h, --help              print this, and exit\n");
}

static int run_withdraw(const char *path)
{
	struct config config;
	struct error error = {0};
	if (!config_load(&config, path, &error)) {
		log_failure(LOG_LEVEL_ERROR, "configuration", &error);
		return EXIT_USAGE;
	}
	bool ok = withdraw(&config, &error);
	if (!ok)
		log_failure(LOG_LEVEL_ERROR, "cannot withdraw the drives", &error);
	config_finish(&config);
	return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* In the words of carousel: 2 for what was said, 3 for what is not there, 4 while a daemon runs. */
static int restore_failed(const struct error *error)
{
	fprintf(stderr, "carouseld: %s\n           %s\n", error->sentence, error->remedy);
	return error->code == ERROR_CONFIGURATION  ? EXIT_USAGE
	       : error->code == ERROR_FILE_MISSING ? 3
	       : error->code == ERROR_STATE_IN_USE ? 4
						   : EXIT_FAILURE;
}

static int run_restore(const char *path, const char *backup)
{
	struct config config;
	struct error error = {0};
	if (!config_load(&config, path, &error))
		return restore_failed(&error);
	bool ok = restore(&config, backup, &error);
	if (ok)
		fprintf(stderr, "restored %s; the catalog before is %s/catalog.db.before-restore\n",
			backup, config.state_dir);
	config_finish(&config);
	return ok ? EXIT_SUCCESS : restore_failed(&error);
}

/* A configuration that was not named need not be there. */
static const char *default_config(void)
{
	return access(CONFIG_PATH_DEFAULT, F_OK) == 0 ? CONFIG_PATH_DEFAULT : NULL;
}

int main(int argc, char **argv)
{
	enum {
		OPTION_CHECK = 256,
		OPTION_CHECK_CATALOG,
		OPTION_SHOW,
		OPTION_PRINT,
		OPTION_NO_KERNEL,
		OPTION_WITHDRAW,
		OPTION_RESTORE,
		OPTION_VERSION
	};
	static const struct option long_options[] = {
		{"config", required_argument, NULL, 'c'},
		{"check-config", no_argument, NULL, OPTION_CHECK},
		{"check-catalog", no_argument, NULL, OPTION_CHECK_CATALOG},
		{"show-config", no_argument, NULL, OPTION_SHOW},
		{"print-config", no_argument, NULL, OPTION_PRINT},
		{"no-kernel-target", no_argument, NULL, OPTION_NO_KERNEL},
		{"withdraw", no_argument, NULL, OPTION_WITHDRAW},
		{"restore", required_argument, NULL, OPTION_RESTORE},
		{"version", no_argument, NULL, OPTION_VERSION},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	struct serve_options options = {.kernel_target = true};
	int (*report)(const char *config_path) = NULL;
	const char *backup = NULL;
	int option;

	log_start(STDERR_FILENO, log_is_journal(STDERR_FILENO));
	service_manager_start();
	while ((option = getopt_long(argc, argv, "c:h", long_options, NULL)) != -1) {
		switch (option) {
		case 'c':
			options.config_path = optarg;
			break;
		case OPTION_CHECK:
			report = report_check_config;
			break;
		case OPTION_CHECK_CATALOG:
			report = report_check_catalog;
			break;
		case OPTION_SHOW:
			report = report_show_config;
			break;
		case OPTION_PRINT:
			config_print_sample(stdout);
			return EXIT_SUCCESS;
		case OPTION_NO_KERNEL:
			options.kernel_target = false;
			break;
		case OPTION_WITHDRAW:
			report = run_withdraw;
			break;
		case OPTION_RESTORE:
			backup = optarg;
			break;
		case OPTION_VERSION:
			printf("carouseld %s\n", CAROUSEL_VERSION);
			return EXIT_SUCCESS;
		case 'h':
			print_usage(stdout);
			return EXIT_SUCCESS;
		default:
			print_usage(stderr);
			return EXIT_USAGE;
		}
	}
	if (optind < argc) {
		fprintf(stderr, "carouseld: unexpected argument %s\n", argv[optind]);
		print_usage(stderr);
		return EXIT_USAGE;
	}
	if (!options.config_path)
		options.config_path = default_config();
	if (backup)
		return run_restore(options.config_path, backup);
	return report ? report(options.config_path) : serve(&options);
}
