/** Checks and plans before a run: what cannot be right stops it, what it will take is said. */
package dev.whetstone.training.preflight;
