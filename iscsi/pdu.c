/* SPDX-License-Identifier: Apache-2.0 */
#include "pdu.h"

enum { METHOD_MASK = 0xc0, METHOD_PERIPHERAL = 0x00, METHOD_FLAT = 0x40, PERIPHERAL_MAX = 255 };

void pdu_begin(uint8_t *bhs, enum pdu_opcode opcode, uint32_t tag)
{
	memset(bhs, 0, BHS_LENGTH);
	bhs[BHS_OPCODE] = (uint8_t)opcode;
	bhs[BHS_FLAGS] = FLAG_FINAL;
	put_be32(bhs + BHS_ITT, tag);
}

int pdu_lun(const uint8_t *bhs)
{
	const uint8_t *field = bhs + BHS_LUN;
	unsigned method = field[0] & METHOD_MASK, number = get_be16(field) & 0x3fff;
	if (get_be16(field + 2) || get_be32(field + 4))
		return -1;
	if (method == METHOD_FLAT)
		return (int)number;
	return method == METHOD_PERIPHERAL && number <= PERIPHERAL_MAX ? (int)number : -1;
}

void pdu_put_lun(uint8_t *field, uint16_t lun)
{
	memset(field, 0, 8);
	put_be16(field, lun <= PERIPHERAL_MAX ? lun : (uint16_t)(METHOD_FLAT << 8 | lun));
}
