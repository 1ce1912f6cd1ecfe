/* SPDX-License-Identifier: Apache-2.0 */
#include "answer.h"

#include <microhttpd.h>

#include "json_shapes.h"

void answer_finish(struct answer *answer)
{
	json_decref(answer->body);
	*answer = (struct answer){0};
}

void answer_json(struct answer *answer, int status, json_t *body)
{
	struct error error;
	if (!body) {
		error_set(&error, ERROR_NO_MEMORY, "Try again later.",
			"the answer does not fit into memory");
		answer_problem(answer, &error, "");
		return;
	}
	answer->status = status;
	answer->body = body;
}

void answer_no_content(struct answer *answer)
{
	answer->status = MHD_HTTP_NO_CONTENT;
}

void answer_problem(struct answer *answer, const struct error *error, const char *instance)
{
	int status = error_http_status(error->code);
	answer->status = status;
	answer->problem = true;
	answer->body = json_pack("{s:s, s:s, s:i, s:s, s:o*, s:o, s:o}", "type", "about:blank",
		"title", MHD_get_reason_phrase_for((unsigned)status), "status", status, "code",
		error_code_name(error->code), "instance", *instance ? shape_text(instance) : NULL,
		"detail", shape_text(error->sentence), "remedy", shape_text(error->remedy));
}
