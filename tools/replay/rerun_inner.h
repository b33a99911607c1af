/* rerun_inner - what the parts of rerun share. */
#ifndef TOOLS_REPLAY_RERUN_INNER_H
#define TOOLS_REPLAY_RERUN_INNER_H

#include "tools/replay/rerun.h"

/* The run ends here; the first reason is the one that counts. */
void rerun_stop(struct rerun *rerun, enum rerun_end end, const char *format, ...) PRINTF_LIKE(3, 4);

/* The first record that this run has not made yet; NULL at the end. */
const struct capture_record *rerun_peek(struct rerun *rerun);

/* ---- rerun_client ---- */

void rerun_connect(struct rerun *rerun, const struct capture_record *record);
void rerun_on_link(struct rerun *rerun, const struct capture_record *record);
void rerun_compare_next(struct rerun *rerun, const struct capture_record *record);
void rerun_free_links(struct rerun *rerun);

void rerun_call(struct rerun *rerun, const struct capture_record *record);
void rerun_forget(struct rerun *rerun, uint64_t number);
void rerun_forget_calls(struct rerun *rerun);

/* ---- rerun_store ---- */

extern const struct store_ops rerun_store_ops;
void rerun_give_back(struct rerun *rerun, const struct capture_record *record);

/* ---- rerun_bus ---- */

/* A cluster for the hub that is about to be made; NULL when there can be none. */
struct peers *rerun_join(struct rerun *rerun, const struct hub_config *config);
void rerun_on_cluster(struct rerun *rerun, const struct capture_record *record);

#endif
