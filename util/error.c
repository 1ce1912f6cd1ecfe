/* SPDX-License-Identifier: Apache-2.0 */
#include "util/error.h"

#include <stdarg.h>
#include <stdio.h>

static const struct {
	const char *name;
	int status;
} codes[] = {
#define ERROR_ROW_(symbol, code, http) [symbol] = {code, http},
	ERROR_CODES(ERROR_ROW_)
#undef ERROR_ROW_
};

bool error_set(
	struct error *error, enum error_code code, const char *remedy, const char *format, ...)
{
	if (!error)
		return false;
	va_list args;
	error->code = code;
	va_start(args, format);
	vsnprintf(error->sentence, sizeof error->sentence, format, args);
	va_end(args);
	snprintf(error->remedy, sizeof error->remedy, "%s", remedy);
	return false;
}

const char *error_code_name(enum error_code code)
{
	return codes[code].name;
}

int error_http_status(enum error_code code)
{
	return codes[code].status;
}
