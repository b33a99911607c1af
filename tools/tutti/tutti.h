/* tutti - the subcommands of the tool. Each gets its own name as argv[0] and returns the exit
 * status of the process. */
#ifndef TOOLS_TUTTI_TUTTI_H
#define TOOLS_TUTTI_TUTTI_H

/* A filter that applies, transforms and composes operations: one question a line. */
int tutti_ot(int argc, char **argv);

/* check STORE: is everything in the store of a stopped server as it has to be? */
int tutti_store(int argc, char **argv);

#endif
