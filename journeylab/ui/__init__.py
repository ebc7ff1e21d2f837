"""Qt: windows and widgets. They show view models and emit signals; they own no data."""
