package dev.whetstone.workbench.orders;

/**
 * A row that {@code prepare} must drop.
 *
 * @param id of the row; of a broken line, what is left to call it by
 * @param reason as {@code prepare} names it, such as {@code near-duplicate}
 */
public record PlantedRow(String id, String reason) {}
