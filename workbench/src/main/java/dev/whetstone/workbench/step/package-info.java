/** One step of a story as a process: what it is, whether it is needed, how it is watched. */
package dev.whetstone.workbench.step;
