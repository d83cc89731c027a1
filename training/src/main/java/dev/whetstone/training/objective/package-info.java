/** Losses as functions of log-probabilities, with their slopes: no array, no model. */
package dev.whetstone.training.objective;
