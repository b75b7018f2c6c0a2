/** One file a model, each a loss and a prediction; a model never learns how it is trained. */
@NullMarked
package dev.credence.model;

import org.jspecify.annotations.NullMarked;
