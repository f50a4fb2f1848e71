/* point-items.c
 * What capture points tell of a datagram, as generated items and expert information
 * Copyright 2026, the wireshark-crm developers
 *
 * Wireshark - Network traffic analyzer
 * By Gerald Combs <gerald@wireshark.org>
 * Copyright 1998 Gerald Combs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "point-items.h"

#include "copies.h"
#include "points.h"
#include "traffic.h"

static int hf_crm_copy_of = -1;
static int hf_crm_copy_in = -1;
static int hf_crm_transit_time = -1;

static expert_field ei_crm_lost_datagram = EI_INIT;

/* A frame that was left out cannot be named, nor what is measured from it. */
static void
add_copy_of(const crm_dissection_t *d, proto_tree *tree)
{
    const uint32_t number = crm_copies_original(d->record);
    const crm_record_t *original = number == CRM_NO_RECORD ? NULL : crm_record_at(number);
    nstime_t transit;

    if (original == NULL || crm_record_frame(original) == 0) {
        return;
    }
    proto_item_set_generated(
        proto_tree_add_uint(tree, hf_crm_copy_of, d->tvb, 0, 0, crm_record_frame(original)));
    if (crm_record_time_difference(original, d->record, &transit)) {
        proto_item *item = proto_tree_add_time(tree, hf_crm_transit_time, d->tvb, 0, 0, &transit);
        proto_item_set_generated(item);
        if (transit.secs < 0 || transit.nsecs < 0) {
            proto_item_append_text(item, " (negative: the clock at %s is behind that at %s)",
                                   crm_point_label(d->pinfo->pool, d->record->point),
                                   crm_point_label(d->pinfo->pool, original->point));
        }
    }
}

static void
add_copies(const crm_dissection_t *d, proto_tree *tree)
{
    uint32_t copy = CRM_NO_RECORD;

    while ((copy = crm_copies_next(d->record, copy)) != CRM_NO_RECORD) {
        const uint32_t frame = crm_frame_of(copy);
        if (frame) {
            proto_item_set_generated(proto_tree_add_uint(tree, hf_crm_copy_in, d->tvb, 0, 0, frame));
        }
    }
}

static void
add_lost(const crm_dissection_t *d, proto_item *item)
{
    const uint16_t lost = crm_copies_lost_at(d->record);

    for (uint8_t point = 0; point < CRM_MAX_POINTS; point++) {
        if (lost >> point & 1) {
            crm_expert_add(
                d, item, &ei_crm_lost_datagram,
                "Captured at %s and not at %s, where this sender's datagrams to this receiver are captured "
                "before and after: it was lost between the two, or missed by the capture",
                crm_point_label(d->pinfo->pool, d->record->point), crm_point_label(d->pinfo->pool, point));
        }
    }
}

void
crm_point_items_add(const crm_dissection_t *d, proto_tree *tree, proto_item *item)
{
    add_copy_of(d, tree);
    add_copies(d, tree);
    if (crm_traffic_has(d->traffic, CRM_TRAFFIC_LOST_DATAGRAM)) {
        add_lost(d, item);
    }
}

void
crm_point_items_register(int proto, expert_module_t *expert)
{
    static hf_register_info hf[] = {
        {&hf_crm_copy_of,
         {"Copy Of", "crm.copy_of", FT_FRAMENUM, BASE_NONE, FRAMENUM_TYPE(FT_FRAMENUM_RETRANS_PREV), 0,
          "The same datagram was first captured in this frame, at another capture point", HFILL}},
        {&hf_crm_copy_in,
         {"Copy In", "crm.copy_in", FT_FRAMENUM, BASE_NONE, FRAMENUM_TYPE(FT_FRAMENUM_RETRANS_NEXT), 0,
          "The same datagram was captured in this frame too, at another capture point", HFILL}},
        {&hf_crm_transit_time,
         {"Transit Time", "crm.transit_time", FT_RELATIVE_TIME, BASE_NONE, NULL, 0,
          "How much later than the first copy this one was captured, by the clocks of the two points",
          HFILL}},
    };
    static ei_register_info ei[] = {
        {&ei_crm_lost_datagram,
         {"crm.lost_datagram", PI_SEQUENCE, PI_WARN,
          "Captured at one point and not at another where it should come by", EXPFILL}},
    };

    proto_register_field_array(proto, hf, array_length(hf));
    expert_register_field_array(expert, ei, array_length(ei));
}
