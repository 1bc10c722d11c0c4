#ifndef CALLOCATIONS_H
#define CALLOCATIONS_H

/* Calls of malloc and its like on this thread since it began. Linked into the tests, in front of the C
 * library's own. */
unsigned long tm_test_allocations(void);

#endif
