/**
 * One LoRA run. {@link dev.whetstone.training.LoraRun} lists its steps; {@code plan} says what is
 * trained on and in which order, {@code optimizer} holds AdamW, clipping and the schedule, {@code
 * loop} meets the model, {@code checkpoint} lets a run go on after a kill, {@code report} shows it.
 */
package dev.whetstone.training;
