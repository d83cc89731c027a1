/** AdamW in torch's formula, clipping by the global norm, learning-rate schedules. */
package dev.whetstone.training.optimizer;
