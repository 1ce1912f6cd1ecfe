/* SPDX-License-Identifier: Apache-2.0 */
#include <curl/curl.h>
#include <locale.h>
#include <stdio.h>

#include "cli.h"
#include "options.h"

/* Data that could not be written is a failure, as on a full disk. */
static enum exit_code close_stdout(enum exit_code code)
{
	if (!fclose(stdout))
		return code;
	perror("carousel: cannot write the output");
	return code ? code : EXIT_FAILED;
}

int main(int argc, char **argv)
{
	const struct command *command = NULL;
	struct cli cli;
	setlocale(LC_CTYPE, "");
	enum exit_code code = options_read(argc, argv, &cli, &command);
	if (!code && command) {
		curl_global_init(CURL_GLOBAL_DEFAULT);
		code = command->run(&cli);
		curl_global_cleanup();
	}
	return close_stdout(code);
}
