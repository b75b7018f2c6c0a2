/** The reverse walk from a graph to the graph of its gradient; it knows no op by name. */
@NullMarked
package dev.credence.grad;

import org.jspecify.annotations.NullMarked;
