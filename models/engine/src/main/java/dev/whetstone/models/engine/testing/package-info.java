/** A tiny model for the hermetic tests of this and other rooms. */
package dev.whetstone.models.engine.testing;
