/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An answer in the middle of a body. The HTTP library takes none from the first piece of a body to
 * its end, and a connection that is closed while its client sends is reset, perhaps before the
 * answer was seen. So the answer is written to the connection beside the HTTP library, whose own
 * nothing has been sent; then what the client still sends is thrown away, until it leaves or the
 * time is over.
 */
#pragma once

#include "send.h"

/* False: it could not be sent at once. Nothing may be sent on this connection afterwards. */
bool early_send(struct MHD_Connection *connection, struct answer *answer, struct sent *sent);
