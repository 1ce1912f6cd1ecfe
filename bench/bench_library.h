/* SPDX-License-Identifier: Apache-2.0 */
/* A library for drives that are served without the rest of the daemon. */
#pragma once

#include "scsi/library.h"

/* Grants what a host asks for at once; wants context = a struct scsi_executor. */
extern const struct library_ops bench_library;
