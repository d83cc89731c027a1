/** What is measured while a run goes on, and what follows from it. */
package dev.whetstone.training.evaluate;
