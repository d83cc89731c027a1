/** The training loop: the one place of this room that holds native arrays. */
package dev.whetstone.training.loop;
