"""What a run leaves for people: charts as SVG, and one HTML page that needs nothing but itself."""
