"""What each code says, by theme: (English, French, Arabic)."""
