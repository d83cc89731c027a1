/** Brings models into the house: from packages, GGUF files and folders. */
package dev.whetstone.models.engine.hub;
