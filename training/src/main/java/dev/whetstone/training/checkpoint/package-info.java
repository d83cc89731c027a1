/** State of a run on disk, whole or not there. */
package dev.whetstone.training.checkpoint;
