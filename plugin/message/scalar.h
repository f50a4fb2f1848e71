/* scalar.h
 * An attribute that holds one value: a text, an address, a number, an enum
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Each takes the attribute and the token of its value, and adds one node: the
 * value, or what stands there instead with the finding that says so.
 */

#ifndef CRM_SCALAR_H
#define CRM_SCALAR_H

#include "build.h"
#include "pickle.h"
#include "schema.h"

void crm_scalar_text(crm_build_t *b, const crm_attribute_t *a, uint32_t value);
void crm_scalar_address(crm_build_t *b, const crm_attribute_t *a, uint32_t value);
void crm_scalar_integer(crm_build_t *b, const crm_attribute_t *a, uint32_t value);
void crm_scalar_port(crm_build_t *b, const crm_attribute_t *a, uint32_t value);
void crm_scalar_bool(crm_build_t *b, const crm_attribute_t *a, uint32_t value);
void crm_scalar_enum(crm_build_t *b, const crm_attribute_t *a, uint32_t value);

/* A text alone, or as the only entry of a list or tuple. Adds no node where the
 * document breaks off before the text does. */
void crm_scalar_wrapped_text(crm_build_t *b, const crm_attribute_t *a, uint32_t value);

#endif
