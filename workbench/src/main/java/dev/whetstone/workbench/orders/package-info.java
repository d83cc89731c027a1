/**
 * The quickstart's raw data: orders in free text, to be turned into JSON with fixed keys. A seeded
 * generator of a training world and a held-out world that share no sentence, product, name or city,
 * and of the dirt that {@code prepare} has to find. Plain Java, no framework.
 */
package dev.whetstone.workbench.orders;
