/* SPDX-License-Identifier: Apache-2.0 */
/* What fabrics must know of tcmu/transport.h's types; nobody else includes this. */
#pragma once

#include "backstore.h"
#include "configfs.h"
#include "tcmu/transport.h"

/* Both live as long as what they are of. */
const struct configfs *tcmu_transport_configfs(const struct tcmu_transport *transport);
const struct backstore *tcmu_device_backstore(const struct tcmu_device *device);
/* Whether a device of the transport has its ring open. Any thread. */
bool tcmu_transport_serves(struct tcmu_transport *transport, const struct backstore *backstore);
