"""Every type that crosses a border: tables of data, wire models, and records between stages."""
