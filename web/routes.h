/* SPDX-License-Identifier: Apache-2.0 */
/* The handlers that the route table names. */
#pragma once

#include "request.h"

void get_alive(struct request *request, struct answer *answer);
void get_ready(struct request *request, struct answer *answer);
void get_index(struct request *request, struct answer *answer);
void get_metrics(struct request *request, struct answer *answer);
void get_openapi(struct request *request, struct answer *answer);
void get_status(struct request *request, struct answer *answer);

void get_drives(struct request *request, struct answer *answer);
void get_drive(struct request *request, struct answer *answer);
void get_trace(struct request *request, struct answer *answer);
void post_drive(struct request *request, struct answer *answer);
void delete_drive(struct request *request, struct answer *answer);
void put_drive_medium(struct request *request, struct answer *answer);
void delete_drive_reservation(struct request *request, struct answer *answer);
void delete_drive_medium(struct request *request, struct answer *answer);

void get_media(struct request *request, struct answer *answer);
void conclude_media(
	struct request *request, const struct library_result *result, struct answer *answer);
void get_medium(struct request *request, struct answer *answer);
void post_medium(struct request *request, struct answer *answer);
void put_profile(struct request *request, struct answer *answer);
void delete_medium(struct request *request, struct answer *answer);

void post_tapes(struct request *request, struct answer *answer);
void put_write_protection(struct request *request, struct answer *answer);
void patch_medium(struct request *request, struct answer *answer);
void get_details(struct request *request, struct answer *answer);
void get_content(struct request *request, struct answer *answer);
void get_tags(struct request *request, struct answer *answer);

void get_jobs(struct request *request, struct answer *answer);
void get_job(struct request *request, struct answer *answer);
void delete_job(struct request *request, struct answer *answer);
void post_import(struct request *request, struct answer *answer);
void post_scan(struct request *request, struct answer *answer);
void post_verification(struct request *request, struct answer *answer);

extern const struct body_receiver upload_creation, upload_piece;
void options_uploads(struct request *request, struct answer *answer);
void get_uploads(struct request *request, struct answer *answer);
void get_upload(struct request *request, struct answer *answer);
void post_upload(struct request *request, struct answer *answer);
void patch_upload(struct request *request, struct answer *answer);
void delete_upload(struct request *request, struct answer *answer);
void conclude_upload_creation(
	struct request *request, const struct library_result *result, struct answer *answer);
void conclude_upload_piece(
	struct request *request, const struct library_result *result, struct answer *answer);

void get_history(struct request *request, struct answer *answer);
void get_backup(struct request *request, struct answer *answer);
void get_audit(struct request *request, struct answer *answer);

void get_events(struct request *request, struct answer *answer);

void get_tokens(struct request *request, struct answer *answer);
void get_token(struct request *request, struct answer *answer);
void post_token(struct request *request, struct answer *answer);
void delete_token(struct request *request, struct answer *answer);

void get_exports(struct request *request, struct answer *answer);
void get_export(struct request *request, struct answer *answer);
void post_export(struct request *request, struct answer *answer);
void put_export(struct request *request, struct answer *answer);
void delete_export(struct request *request, struct answer *answer);
void get_export_sessions(struct request *request, struct answer *answer);
void get_sessions(struct request *request, struct answer *answer);
