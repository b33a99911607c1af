/* tie - who goes first at the same place.
 *
 * The rule is that of the author whose operation is being sequenced, at the server and at that
 * author's client alike, whoever wrote the other one: when the pair decides instead, mixed
 * schedules diverge. Each entry of the history keeps the rule it was sequenced by. */
#ifndef OT_TIE_H
#define OT_TIE_H

#include "base/span.h"
#include "ot/type.h"

enum tie_rule {
    TIE_LATER, /* the reference's "left": the later in server order (ShareDB authors, json0, …) */
    TIE_WHO    /* the lower `who` goes first (native authors in text and rich) */
};

/* The rule of a native author in documents of this type. */
enum tie_rule tie_rule_native(const struct type *type);

/* The side of the operation that is being sequenced, written by `who`, against `other_who`'s
 * operation, which has its seq already. An absent `other_who` stands for a composed range, which
 * has no one author: the operation is then second. */
enum side tie_side(const struct type *type, enum tie_rule rule, struct span who,
                   struct span other_who);

#endif
