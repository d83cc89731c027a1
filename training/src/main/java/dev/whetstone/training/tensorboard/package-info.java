/** A run as TensorBoard reads it: event files of scalars over steps. */
package dev.whetstone.training.tensorboard;
