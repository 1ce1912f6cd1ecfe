/* SPDX-License-Identifier: Apache-2.0 */
/* carousel media upload. */
#include "upload.h"

enum exit_code run_media_upload(struct cli *cli)
{
	enum exit_code worst = EXIT_OK;
	if (cli->options & (OPTION_ID | OPTION_SHA256 | OPTION_NAME) && cli->argument_count > 1)
		return complain(EXIT_USAGE, "Upload the files one by one.",
			"--id, --name and --sha256 are of one file, but there are %d",
			cli->argument_count);
	for (int i = 0; i < cli->argument_count; i++) {
		enum exit_code code = upload_file(cli, cli->arguments[i]);
		worst = code ? code : worst;
	}
	return worst;
}
